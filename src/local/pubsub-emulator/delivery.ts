import type { OrderingLane } from "./ordering-lane.ts";
import type { Seat } from "./seat.ts";
import type { StoredMessage } from "./stored-message.ts";

/**
 * One message's way through one subscription:
 *
 *     waiting ──► leased ──ack──► done
 *        ▲          │ nack, or the lease expired
 *        └─ resting ◄┘ (back-off of the retry policy), or forwarded to the dead-letter topic: done
 *
 * With ordering an acked message is `acked` until all before it in its lane are: when one of those is
 * redelivered, so are the ones after it.
 */
export interface Delivery {
  readonly sequence: number;
  readonly message: StoredMessage;
  readonly lane: OrderingLane | undefined;
  state: "waiting" | "leased" | "resting" | "acked" | "done";
  /** The lease that an ack must name; 0: none is valid. An expired one stays valid until the next delivery. */
  lease: number;
  /** Nacks and expired leases. */
  failures: number;
  /** Who holds the lease. */
  seat: Seat | undefined;
}
