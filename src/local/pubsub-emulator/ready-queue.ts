/** What a subscription could send now, and whose turn it is. */
import type { Delivery } from "./delivery.ts";
import { createFifo } from "./fifo.ts";
import { laneIsReady, type OrderingLane } from "./ordering-lane.ts";
import { type Seat, takeBoundLane } from "./seat.ts";

export type Turn = "new" | "redelivery";

export interface ReadyQueue {
  /** A message without an ordering key. */
  push(delivery: Delivery, turn: Turn): void;
  /** A lane that may have something to send: it goes to its holder, or waits for anyone. */
  wake(lane: OrderingLane, turn: Turn): void;
  /** The next message for a seat, if any. Its lane, if it has one, belongs to the seat from now on. */
  take(seat: Seat): Delivery | undefined;
}

/** The seat's own lanes, redeliveries and new messages take turns, so that none of them starves the others. */
export function createReadyQueue(): ReadyQueue {
  const queues = { new: createFifo<Delivery | OrderingLane>(), redelivery: createFifo<Delivery | OrderingLane>() };
  const sources = [takeBoundLane, () => queues.redelivery.shift(), () => queues.new.shift()];
  let turn = 0;
  return {
    push: (delivery, to) => queues[to].push(delivery),
    wake(lane, to) {
      if (!laneIsReady(lane)) return;
      if (lane.holder) lane.holder.lanes.add(lane);
      else if (!lane.queued) {
        lane.queued = true;
        queues[to].push(lane);
      }
    },
    take(seat) {
      turn += 1;
      for (let tried = 0; tried < sources.length; ) {
        const entry = sources[(turn + tried) % sources.length]?.(seat);
        const delivery = entry && "waiting" in entry ? takeFromLane(entry, seat) : entry;
        // What was acked while it stood here is passed over.
        if (delivery?.state === "waiting") return delivery;
        if (!entry) tried += 1;
      }
      return undefined;
    },
  };
}

function takeFromLane(lane: OrderingLane, seat: Seat): Delivery | undefined {
  lane.queued = false;
  if (!laneIsReady(lane)) return undefined;
  const delivery = lane.waiting.shift();
  if (delivery) lane.sent.push(delivery);
  lane.holder = seat;
  if (lane.waiting.length > 0) seat.lanes.add(lane);
  return delivery;
}
