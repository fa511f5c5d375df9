/** A pipeline as the API tells of it, for tests of what the page makes of it. */
import type { OpsHour } from "../../../src/console/pages/ops/charts/join-history.ts";
import type { Level, Measured, OpsPool, OpsStage, OpsState } from "../../../src/review/contract/ops.ts";

export const measured = (value: number | null, level: Level = "normal"): Measured => ({ value, level, forMs: 0 });

/** A pool that keeps up, unless said otherwise. */
export function opsPool(stage: OpsStage, facts: Partial<OpsPool> = {}): OpsPool {
  return {
    stage,
    oldestAgeMs: measured(200),
    goalMs: 3_000,
    depth: 84,
    inFlight: 16,
    drainMs: measured(400),
    inPerSecond: 210,
    outPerSecond: measured(210),
    serviceMs: { p50: 9, p95: 14, hourP95: 15, level: "normal", forMs: 0 },
    waitingP95Ms: 220,
    busy: measured(0.6),
    replicas: {
      wanted: 2,
      running: 2,
      starting: 0,
      draining: 0,
      min: 1,
      max: 4,
      holding: "none",
      reason: "enough",
      level: "normal",
      forMs: 0,
    },
    paused: false,
    versions: [{ version: 0, processes: 2 }],
    ...facts,
  };
}

/** Infer is late; the others keep up. */
export function opsState({ atMs = 0 }: { atMs?: number } = {}): OpsState {
  const at = new Date(atMs).toISOString();
  return {
    at,
    now: at,
    data: { ageMs: 0, level: "normal" },
    sentence: { text: "infer is the bottleneck", stage: "infer", level: "breach" },
    intake: { perSecond: 212, held: 848, maxHeld: 4_096, full: false, processes: 1 },
    pools: [
      opsPool("fetch"),
      opsPool("preprocess"),
      opsPool("infer", { oldestAgeMs: measured(4_100, "breach") }),
      opsPool("postprocess"),
    ],
    verdicts: {
      perSecond: { clean: 147, flagged: 2, unprocessable: 1, expired: 0 },
      endToEndP95Ms: measured(5_200),
      goalMs: 12_000,
      fiveMinutes: { clean: 44_100, flagged: 600, unprocessable: 300, expired: 0 },
      failures: measured(0.006),
    },
    deadlineMs: 60_000,
    scaler: { driver: "local", by: "up-1", ageMs: 300 },
    tuning: { version: 0, trialUntil: null },
  };
}

/** Samples in which every column is the same. @param value of the sample's place */
export function hourOf(atMs: readonly number[], value: (at: number) => number | null): OpsHour {
  const column = atMs.map((_, at) => value(at));
  const pool = {
    oldestAgeMs: column,
    depth: column,
    wanted: column,
    running: column,
    min: column,
    max: column,
    goalMs: column,
    serviceP50Ms: column,
    serviceP95Ms: column,
    waitingP95Ms: column,
    busy: column,
  };
  return {
    stepMs: 5_000,
    atMs: [...atMs],
    flow: { in: column, clean: column, flagged: column, unprocessable: column, expired: column },
    endToEndP95Ms: column,
    pools: { fetch: pool, preprocess: pool, infer: pool, postprocess: pool },
  };
}
