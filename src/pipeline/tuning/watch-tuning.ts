/**
 * Follows the tuning in Redis, so that a running process works with it half a second later. While Redis is away the
 * last known one goes on, and a trial ends on time all the same. A Redis that comes back without its data gets the
 * tuning back from whoever watches: a pool that was paused stays paused.
 */
import type { Redis } from "ioredis";
import type { Logger } from "../../telemetry/logger.ts";
import { repeat } from "../repeat.ts";
import { type Tuning, tuningAt, untuned } from "./tuning.ts";
import { parseTuning, tuningKey, tuningStore } from "./tuning-store.ts";

const pollMs = 500;

export interface TuningWatch {
  /** Resolves when Redis has answered for the first time, or the watch was stopped. */
  first: Promise<void>;
  /** What is in force, as far as this process knows. */
  current(): Tuning;
  stop(): void;
}

/** @param apply called once for each version, the first time with what is found; not for version 0 at the start */
export function watchTuning(redis: Redis, apply: (tuning: Tuning) => void, log: Logger): TuningWatch {
  const store = tuningStore(redis);
  const first = Promise.withResolvers<void>();
  let known = untuned;
  let applied = untuned;
  let knownText: string | null = null;
  let stopped = false;

  const applyKnown = () => {
    const tuning = tuningAt(known, Date.now());
    if (stopped || (tuning.version === applied.version && tuning.atMs === applied.atMs)) return;
    applied = tuning;
    log.info({ version: tuning.version, tuning: tuning.stages }, "tuning in force");
    apply(tuning);
  };

  const look = async () => {
    const text = await redis.get(tuningKey);
    if (text !== knownText || (text === null && known.version > 0)) {
      // Remembered first: what cannot be read is told of once, not every time.
      knownText = text;
      const found = parseTuning(text) ?? untuned;
      if (found.version < known.version && found.atMs < known.atMs) {
        knownText = null;
        await store.putBack(known);
      } else known = found;
    }
    if (tuningAt(known, Date.now()) !== known) known = await store.read();
  };

  // Commands wait for a Redis that is away, and a trial must not.
  const turn = async () => {
    if (redis.status === "ready") await look();
  };
  void look()
    .catch((error: Error) => log.error({ err: error.message }, "the tuning cannot be read"))
    .then(applyKnown)
    .then(first.resolve);
  const stop = repeat(pollMs, () => turn().finally(applyKnown), log);
  return {
    first: first.promise,
    current: () => tuningAt(known, Date.now()),
    stop() {
      stopped = true;
      stop();
      first.resolve();
    },
  };
}
