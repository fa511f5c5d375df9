import type { Counters } from "../resource/model-server-status.ts";
import type { Trouble } from "./observation.ts";

/** Fewer requests say nothing. */
const leastRequests = 20;
/** As many failures are borne as the old version has, twice, and this share in any case: single failures happen. */
const borneShare = 0.01;

export interface CanaryTraffic {
  before: { candidate: Counters; serving: Counters };
  now: { candidate: Counters; serving: Counters };
  latencyGoalMs?: number;
}

/** Why the new version must not go on; undefined where nothing speaks against it. */
export function judgeCanary({ before, now, latencyGoalMs }: CanaryTraffic): Trouble | undefined {
  const candidate = since(before.candidate, now.candidate);
  const serving = since(before.serving, now.serving);
  if (candidate.requests < leastRequests) return undefined;
  const [failing, failingBefore] = [failedShare(candidate), failedShare(serving)];
  if (failing > Math.max(borneShare, 2 * failingBefore))
    return {
      reason: "CanaryFails",
      message: `${percent(failing)} of its ${candidate.requests} requests failed, of the old version's ${percent(failingBefore)}`,
    };
  const [meanMs, servingMs] = [meanMsOf(candidate), meanMsOf(serving)];
  if (latencyGoalMs === undefined || meanMs <= latencyGoalMs) return undefined;
  // Where the old version misses the goal as well, the new one is judged by it.
  if (servingMs > latencyGoalMs && meanMs <= servingMs * 1.2) return undefined;
  return {
    reason: "CanarySlow",
    message: `its requests take ${meanMs.toFixed(1)} ms, the goal is ${latencyGoalMs} ms, and the old version takes ${servingMs.toFixed(1)} ms`,
  };
}

/** Servers that were started anew count from zero. */
function since(before: Counters, now: Counters): Counters {
  if (now.requests < before.requests) return now;
  return {
    requests: now.requests - before.requests,
    failures: Math.max(0, now.failures - before.failures),
    microseconds: Math.max(0, now.microseconds - before.microseconds),
  };
}

const failedShare = ({ requests, failures }: Counters) => (requests === 0 ? 0 : failures / requests);
const meanMsOf = ({ requests, microseconds }: Counters) => (requests === 0 ? 0 : microseconds / requests / 1_000);
const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;
