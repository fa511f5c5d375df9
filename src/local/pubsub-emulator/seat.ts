import type { OrderingLane } from "./ordering-lane.ts";
import type { LeasedMessage } from "./received-message.ts";

/** Whoever takes messages from a subscription: an open stream, or one Pull call. */
export interface Consumer {
  /** Read at each delivery. */
  ackDeadlineMs: number;
  /** Limits on what it holds unacked; Infinity: none. The byte limit stops the message after the one that passes it. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Whether its transport can take more just now. */
  accepts(): boolean;
  deliver(messages: LeasedMessage[]): void;
}

/** A consumer's place in a subscription: what it holds, and what waits for it alone. */
export interface Seat {
  readonly consumer: Consumer;
  heldMessages: number;
  heldBytes: number;
  /** Ordering keys bound to it that have messages to send. */
  readonly lanes: Set<OrderingLane>;
  /** Leased, to be sent together. */
  outbox: LeasedMessage[];
  outboxBytes: number;
}

/** One response carries no more than this and one message. */
const maxOutboxBytes = 2 ** 20;

export function createSeat(consumer: Consumer): Seat {
  return { consumer, heldMessages: 0, heldBytes: 0, lanes: new Set(), outbox: [], outboxBytes: 0 };
}

export function seatHasRoom(seat: Seat): boolean {
  const { consumer, heldMessages, heldBytes } = seat;
  if (heldMessages >= consumer.maxMessages || heldBytes >= consumer.maxBytes) return false;
  return !outboxIsFull(seat) && consumer.accepts();
}

export function outboxIsFull({ outboxBytes }: Seat): boolean {
  return outboxBytes >= maxOutboxBytes;
}

export function putInOutbox(seat: Seat, message: LeasedMessage): void {
  seat.outbox.push(message);
  seat.outboxBytes += message.encoded.length;
}

export function emptyOutbox(seat: Seat): LeasedMessage[] {
  const { outbox } = seat;
  seat.outbox = [];
  seat.outboxBytes = 0;
  return outbox;
}

/** The next of the ordering keys that are bound to the seat, in turn. */
export function takeBoundLane(seat: Seat): OrderingLane | undefined {
  const [lane] = seat.lanes;
  if (lane) seat.lanes.delete(lane);
  return lane;
}
