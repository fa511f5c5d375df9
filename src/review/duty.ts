import { backoffMs } from "../pipeline/backoff.ts";
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import type { Logger } from "../telemetry/logger.ts";
import { dutyHealth } from "./duty-health.ts";

const longestPauseMs = 10_000;

export interface DutyOptions {
  name: string;
  /** Pause after each round that succeeded. After failures it grows, to 10 s. */
  everyMs: number;
  log: Logger;
  now: () => number;
  /** One round. `signal`: the process stops; a round that works through a backlog ends early. */
  run(signal: AbortSignal): Promise<void>;
}

/** A background duty of review: again and again, whatever fails. `stop` waits for the round that is under way. */
export function createDuty({ name, everyMs, log, now, run }: DutyOptions): Lifecycle {
  const ending = new AbortController();
  const health = dutyHealth(name, now);
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  const once = async () => {
    try {
      await health.watch(() => run(ending.signal));
      if (failures > 0) log.info({ duty: name, failures }, "a duty succeeds again");
      failures = 0;
    } catch (error) {
      failures += 1;
      log.warn({ duty: name, failures, err: error }, "a duty failed");
    }
    if (!ending.signal.aborted) schedule();
  };
  const schedule = () => {
    const pauseMs = failures === 0 ? everyMs : Math.min(longestPauseMs, backoffMs(everyMs, failures, Math.random()));
    timer = setTimeout(() => {
      round = once();
    }, pauseMs);
  };

  return {
    async start() {
      if (!timer && !ending.signal.aborted) schedule();
    },
    async stop() {
      ending.abort();
      clearTimeout(timer);
      await round;
    },
    health: async () => health.read(),
  };
}
