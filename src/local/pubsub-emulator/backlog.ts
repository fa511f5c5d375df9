/** What a subscription still has to deliver or to hear of; see delivery.ts for the states of a message. */
import { type AckIds, createAckIds } from "./ack-ids.ts";
import { createDeadlineWheel } from "./deadline-wheel.ts";
import type { Delivery } from "./delivery.ts";
import { createLane, type OrderingLane, rewindLane, settleLane } from "./ordering-lane.ts";
import { createReadyQueue, type Turn } from "./ready-queue.ts";
import { type Consumer, createSeat, emptyOutbox, outboxIsFull, putInOutbox, type Seat, seatHasRoom } from "./seat.ts";
import type { StoredMessage } from "./stored-message.ts";

/** Read at each use: an updated subscription obeys at once. */
export interface DeliveryPolicy {
  ordered: boolean;
  /** Older messages are dropped. */
  retentionMs: number;
  /** Wait before a redelivery, doubled with each failure. */
  backoff: { minMs: number; maxMs: number } | undefined;
  deadLetter: { maxAttempts: number } | undefined;
}

export interface Backlog {
  add(message: StoredMessage): void;
  /** Messages not acked yet, and their bytes as encoded. */
  size(): { messages: number; bytes: number };
  attach(consumer: Consumer): Attachment;
  /** Ids of leases that are over are passed over. @throws RpcError INVALID_ARGUMENT, before any ack, on a malformed id */
  acknowledge(ackIds: readonly string[]): void;
  /** Leases end that many milliseconds from now; 0 is a nack. @throws as `acknowledge` */
  modifyDeadlines(changes: readonly { ackId: string; ms: number }[]): void;
  counts: { delivered: number; acked: number; expired: number; nacked: number; deadLettered: number };
  stop(): void;
}

export interface Attachment {
  /** Gives it at once whatever is there. */
  serve(): void;
  /** Its leases run on: what it holds comes back when they expire. */
  detach(): void;
}

/** Expired leases are noticed within this time. */
const tickMs = 50;

export function createBacklog(options: {
  policy: () => DeliveryPolicy;
  /** Publishes on the dead-letter topic; false: it cannot be had, and the message is delivered again. */
  forward: (message: StoredMessage, attempts: number) => boolean;
  now?: () => number;
}): Backlog {
  const { policy, forward, now = Date.now } = options;
  const ackIds: AckIds = createAckIds();
  const ready = createReadyQueue();
  const lanes = new Map<string, OrderingLane>();
  /** Delivered at least once and not done. */
  const known = new Map<number, Delivery>();
  const seats: Seat[] = [];
  const counts = { delivered: 0, acked: 0, expired: 0, nacked: 0, deadLettered: 0 };
  const wheel = createDeadlineWheel<Delivery>({ tickMs, now, onDue });
  const size = { messages: 0, bytes: 0 };
  let lastSequence = 0;
  let lastLease = 0;
  let seatTurn = 0;
  let pumpSoon: NodeJS.Immediate | undefined;

  function add(message: StoredMessage): void {
    lastSequence += 1;
    size.messages += 1;
    size.bytes += message.encoded.length;
    const lane = policy().ordered && message.orderingKey ? laneOf(message.orderingKey) : undefined;
    const sequence = lastSequence;
    const delivery: Delivery = { sequence, message, lane, state: "waiting", lease: 0, failures: 0, seat: undefined };
    lane?.waiting.push(delivery);
    offer(delivery, "new");
  }

  function offer(delivery: Delivery, turn: Turn): void {
    if (delivery.lane) ready.wake(delivery.lane, turn);
    else ready.push(delivery, turn);
    schedulePump();
  }

  function laneOf(key: string): OrderingLane {
    const lane = lanes.get(key) ?? createLane(key);
    lanes.set(key, lane);
    return lane;
  }

  function schedulePump(): void {
    if (seats.length > 0) pumpSoon ??= setImmediate(pump);
  }

  /** Gives each consumer in turn one message while any has room and any message may go out; then sends them. */
  function pump(): void {
    clearImmediate(pumpSoon);
    pumpSoon = undefined;
    let idle = 0;
    while (idle < seats.length) {
      const seat = seats[seatTurn % seats.length];
      seatTurn += 1;
      const delivery = seat && seatHasRoom(seat) ? take(seat) : undefined;
      if (seat && delivery) lease(delivery, seat);
      idle = delivery ? 0 : idle + 1;
    }
    for (const seat of seats.filter(({ outbox }) => outbox.length > 0)) {
      if (outboxIsFull(seat)) schedulePump();
      seat.consumer.deliver(emptyOutbox(seat));
    }
  }

  function take(seat: Seat): Delivery | undefined {
    let delivery = ready.take(seat);
    while (delivery && dropIfTooOld(delivery)) delivery = ready.take(seat);
    return delivery;
  }

  function dropIfTooOld(delivery: Delivery): boolean {
    if (now() - delivery.message.publishedAtMs <= policy().retentionMs) return false;
    settle(delivery);
    return true;
  }

  function lease(delivery: Delivery, seat: Seat): void {
    lastLease += 1;
    counts.delivered += 1;
    delivery.state = "leased";
    delivery.lease = lastLease;
    delivery.seat = seat;
    seat.heldMessages += 1;
    seat.heldBytes += delivery.message.encoded.length;
    if (delivery.lane) delivery.lane.leased += 1;
    known.set(delivery.sequence, delivery);
    wheel.set(delivery, now() + seat.consumer.ackDeadlineMs);
    putInOutbox(seat, {
      ackId: ackIds.format(delivery.sequence, delivery.lease),
      encoded: delivery.message.encoded,
      deliveryAttempt: policy().deadLetter ? delivery.failures + 1 : 0,
    });
  }

  /** The subscriber no longer holds the message. */
  function release(delivery: Delivery): void {
    const { seat, lane, message } = delivery;
    wheel.clear(delivery);
    if (!seat) return;
    delivery.seat = undefined;
    seat.heldMessages -= 1;
    seat.heldBytes -= message.encoded.length;
    if (lane) lane.leased -= 1;
    schedulePump();
  }

  function settle(delivery: Delivery): void {
    const { lane } = delivery;
    release(delivery);
    delivery.state = lane ? "acked" : "done";
    if (!lane) forget(delivery);
    else {
      for (const settled of settleLane(lane)) forget(settled);
      unbindLane(lane);
    }
  }

  function forget(delivery: Delivery): void {
    delivery.state = "done";
    known.delete(delivery.sequence);
    size.messages -= 1;
    size.bytes -= delivery.message.encoded.length;
  }

  function unbindLane(lane: OrderingLane): void {
    if (lane.leased === 0) {
      lane.holder?.lanes.delete(lane);
      lane.holder = undefined;
      if (lane.sent.length === 0 && lane.waiting.length === 0) lanes.delete(lane.key);
    }
    ready.wake(lane, "redelivery");
    schedulePump();
  }

  /** A nack, or an expired lease: the message goes out again, after its back-off, or to the dead-letter topic. */
  function fail(delivery: Delivery): void {
    const { backoff, deadLetter } = policy();
    const { lane } = delivery;
    release(delivery);
    delivery.failures += 1;
    if (deadLetter && delivery.failures >= deadLetter.maxAttempts && forward(delivery.message, delivery.failures)) {
      counts.deadLettered += 1;
      settle(delivery);
      return;
    }
    const restMs = backoff ? Math.min(backoff.maxMs, backoff.minMs * 2 ** (delivery.failures - 1)) : 0;
    if (lane) takeBackLater(lane, delivery);
    delivery.state = restMs > 0 ? "resting" : "waiting";
    if (restMs > 0) wheel.set(delivery, now() + restMs);
    if (lane && restMs > 0) lane.resting += 1;
    if (lane) unbindLane(lane);
    else if (restMs === 0) offer(delivery, "redelivery");
  }

  function takeBackLater(lane: OrderingLane, from: Delivery): void {
    for (const delivery of rewindLane(lane, from)) {
      release(delivery);
      delivery.state = "waiting";
      delivery.lease = 0;
    }
  }

  function onDue(due: Delivery[]): void {
    for (const delivery of due) {
      if (delivery.state === "leased") {
        counts.expired += 1;
        fail(delivery);
      } else if (delivery.state === "resting") endRest(delivery);
    }
  }

  function endRest(delivery: Delivery): void {
    delivery.state = "waiting";
    if (delivery.lane) delivery.lane.resting -= 1;
    offer(delivery, "redelivery");
  }

  function find({ sequence, lease }: { sequence: number; lease: number }): Delivery | undefined {
    const delivery = known.get(sequence);
    return delivery?.lease === lease ? delivery : undefined;
  }

  return {
    add,
    size: () => size,
    counts,
    acknowledge(ids) {
      for (const id of ids.map(ackIds.parse)) {
        const delivery = id && find(id);
        if (!delivery || delivery.state === "acked") continue;
        counts.acked += 1;
        settle(delivery);
      }
    },
    modifyDeadlines(changes) {
      for (const { id, ms } of changes.map(({ ackId, ms }) => ({ id: ackIds.parse(ackId), ms }))) {
        const delivery = id && find(id);
        if (delivery?.state !== "leased") continue;
        if (ms > 0) wheel.set(delivery, now() + ms);
        else {
          counts.nacked += 1;
          delivery.lease = 0;
          fail(delivery);
        }
      }
    },
    attach(consumer) {
      const seat = createSeat(consumer);
      seats.push(seat);
      schedulePump();
      return {
        serve: pump,
        detach() {
          const index = seats.indexOf(seat);
          if (index !== -1) seats.splice(index, 1);
        },
      };
    },
    stop() {
      clearImmediate(pumpSoon);
      wheel.stop();
    },
  };
}
