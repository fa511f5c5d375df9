/**
 * Brings acts to the server, one after the other in the order of the key presses. An act is stored before it is sent;
 * one that was not heard goes again with the same key, so that it takes effect once however often it is sent.
 */

import type { DecisionView } from "../../../../review/contract/incident.ts";
import { mayRetry, RequestError } from "../../../api/request-error.ts";
import { decide, escalate, skip } from "../../../api/review-api.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewHappening } from "./review-event.ts";
import type { Outgoing } from "./review-state.ts";
import type { UnsentStore } from "./unsent-store.ts";

export interface Sender {
  send(one: Outgoing): void;
  /** Nothing is under way. */
  idle(): boolean;
}

const firstRetryMs = 500;
const lastRetryMs = 5_000;

/** @param onAnswered called after each answer, and once more when nothing is left */
export function createSender(
  kept: UnsentStore,
  dispatch: (happening: ReviewHappening) => void,
  onAnswered: (key: string) => void,
): Sender {
  const queue: Outgoing[] = [];
  let running = false;
  let unheard = false;

  async function run(): Promise<void> {
    running = true;
    for (let next = queue[0]; next; next = queue[0]) {
      await kept.keep(next);
      await untilAnswered(next);
      queue.shift();
      onAnswered(next.key);
    }
    running = false;
  }

  async function untilAnswered(one: Outgoing): Promise<void> {
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(waitMs * 2, lastRetryMs)) {
      try {
        dispatch({ type: "saved", key: one.key, decision: await sendOnce(one) });
        unheard = false;
        return await kept.forget(one.key);
      } catch (error) {
        if (!isUnheard(error)) {
          unheard = false;
          return await refuse(one, error);
        }
        unheard = true;
        for (const { key } of queue) dispatch({ type: "not-reached", key });
        await networkOr(waitMs);
      }
    }
  }

  async function refuse(one: Outgoing, error: unknown): Promise<void> {
    const why = error instanceof RequestError ? error.message : reviewText.refusedUnexpectedly;
    await kept.keep({ ...one, state: "refused", why });
    dispatch({ type: "refused", key: one.key, why });
  }

  return {
    send(one) {
      queue.push(one);
      if (unheard) dispatch({ type: "not-reached", key: one.key });
      if (!running) void run();
    },
    idle: () => !running,
  };
}

async function sendOnce({ incidentId, key, act }: Outgoing): Promise<DecisionView | null> {
  if (act.kind === "decision") return decide(incidentId, act.body, key);
  await (act.kind === "escalation"
    ? escalate(incidentId, act.token, act.note, key)
    : skip(incidentId, act.token, act.reason, key));
  return null;
}

const isUnheard = (error: unknown) =>
  mayRetry(error) || (error instanceof RequestError && error.code === "not-signed-in");

/** The wait ends early when the machine says that it has a network again. */
function networkOr(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}
