import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { OpsState } from "../contract/ops.ts";
import { ReviewError } from "../review-error.ts";
import { dataLevel } from "./checks.ts";
import { type LiveState, readState } from "./live-state.ts";
import { sentenceOf } from "./sentence.ts";

export interface OpsReader {
  /** The latest there is: while Redis is away the last that was read, with its age. @throws ReviewError `unavailable` */
  live(): Promise<LiveState>;
}

/** Many pages ask every second; Redis is asked once for all of them. */
const keepMs = 400;
const patienceMs = 300;

/** @param now milliseconds since 1970 */
export function createOpsReader(redis: Redis, now: () => number): OpsReader {
  let last: LiveState | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const read = async () => {
    const found = await readState(redis);
    if (found) last = found;
    readAtMs = now();
  };
  return {
    async live() {
      if (now() - readAtMs >= keepMs) {
        reading ??= read()
          .catch(() => undefined)
          .finally(() => {
            reading = undefined;
          });
        // A page that waits for Redis would show nothing; what is known is shown with its age.
        await (last ? Promise.race([reading, sleep(patienceMs, undefined, { ref: false })]) : reading);
      }
      if (last) return last;
      throw new ReviewError("unavailable", "Nothing has been measured yet, or Redis does not answer.");
    },
  };
}

/** As people read it at `nowMs`. */
export function stateAt({ assessment }: LiveState, nowMs: number): OpsState {
  const { atMs, memory: _, scaler, ...state } = assessment;
  const ageMs = Math.max(0, nowMs - atMs);
  const { decidedAtMs, driver, by } = scaler;
  return {
    ...state,
    at: new Date(atMs).toISOString(),
    now: new Date(nowMs).toISOString(),
    data: { ageMs, level: dataLevel(ageMs) },
    sentence: sentenceOf(state, ageMs),
    scaler: { driver, by, ageMs: decidedAtMs === null ? null : Math.max(0, nowMs - decidedAtMs) },
  };
}
