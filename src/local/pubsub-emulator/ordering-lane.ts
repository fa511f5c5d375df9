/**
 * The messages of one ordering key in one subscription. They go out in order to one subscriber at a time, which may
 * hold several of them; when one is redelivered, so are all after it, acked ones too
 * (https://cloud.google.com/pubsub/docs/ordering).
 */
import type { Delivery } from "./delivery.ts";
import { createFifo, type Fifo } from "./fifo.ts";
import type { Seat } from "./seat.ts";

export interface OrderingLane {
  readonly key: string;
  /** In order: leased, or acked while one before them is not. */
  readonly sent: Delivery[];
  readonly waiting: Fifo<Delivery>;
  /** The subscriber that gets this lane until it holds none of its messages any more. */
  holder: Seat | undefined;
  leased: number;
  /** Messages of the lane whose back-off is not over; none goes out meanwhile. */
  resting: number;
  /** It stands in the subscription's queue already. */
  queued: boolean;
}

export function createLane(key: string): OrderingLane {
  return { key, sent: [], waiting: createFifo(), holder: undefined, leased: 0, resting: 0, queued: false };
}

/** Whether a message of the lane may go out now. */
export function laneIsReady(lane: OrderingLane): boolean {
  return lane.waiting.length > 0 && lane.resting === 0;
}

/** Takes back the delivery and all that were sent after it, to go out again in the same order. Returns those. */
export function rewindLane(lane: OrderingLane, from: Delivery): Delivery[] {
  const back = lane.sent.splice(lane.sent.indexOf(from));
  lane.waiting.pushFront(back);
  return back;
}

/** Removes and returns the deliveries at the lane's head that are acked. */
export function settleLane(lane: OrderingLane): Delivery[] {
  const firstHeld = lane.sent.findIndex(({ state }) => state !== "acked");
  return lane.sent.splice(0, firstHeld === -1 ? lane.sent.length : firstHeld);
}
