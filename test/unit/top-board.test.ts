import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { TopFigures } from "../../src/cli/read-top.ts";
import { renderTop } from "../../src/cli/top-board.ts";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import type { OpsPool } from "../../src/review/contract/ops.ts";

const nowMs = Date.UTC(2026, 10, 23, 10, 0, 0);
const well = { level: "normal" as const, forMs: 0 };
const unknown = { value: null, ...well };

function pool(stage: StageName, facts: Partial<OpsPool> = {}): OpsPool {
  const replicas = { wanted: 2, running: 2, starting: 0, draining: 0, min: 1, max: 4, holding: "none" as const };
  return {
    stage,
    oldestAgeMs: { value: 0, ...well },
    goalMs: 3_000,
    depth: 0,
    inFlight: 0,
    drainMs: unknown,
    inPerSecond: 10,
    outPerSecond: { value: 10, ...well },
    serviceMs: { p50: 12.34, p95: 20, hourP95: null, ...well },
    waitingP95Ms: null,
    busy: { value: 0.257, ...well },
    replicas: { ...replicas, reason: "at the minimum of 1", ...well },
    paused: false,
    versions: [],
    ...facts,
  };
}

function figures(facts: Partial<TopFigures> = {}, pools = stageNames.map((stage) => pool(stage))): TopFigures {
  const none = { rejectedPerSecond: 0, retriedPerSecond: 0 };
  const kinds = { clean: 0, flagged: 0, unprocessable: 3, expired: 1 };
  return {
    state: {
      at: new Date(nowMs).toISOString(),
      now: new Date(nowMs).toISOString(),
      data: { ageMs: 0, level: "normal" },
      sentence: { text: "fetch is the bottleneck", stage: "fetch", level: "breach" },
      intake: { perSecond: 10, held: 40, maxHeld: 4_000, full: false, processes: 1 },
      pools,
      verdicts: {
        perSecond: kinds,
        endToEndP95Ms: unknown,
        goalMs: 12_000,
        fiveMinutes: kinds,
        failures: { value: 0.0123, ...well },
      },
      deadlineMs: 60_000,
      scaler: { driver: "keda", by: "7-abc", ageMs: 400 },
      tuning: { version: 0, trialUntil: null },
    },
    troubles: { fetch: none, preprocess: none, infer: none, postprocess: none },
    tuning: { version: 0, atMs: 0, stages: {} },
    changes: [],
    failures: [],
    ...facts,
  };
}

const shown = (of: TopFigures, moves: Parameters<typeof renderTop>[1] = [], width = 120) =>
  stripVTControlCharacters(renderTop(of, moves, width)).split("\n");

test("a pool is one line of figures, and one of words that say what is not as usual, and why", () => {
  const replicas = { ...pool("fetch").replicas, wanted: 4, starting: 2, reason: "age 4.1 s over the 3 s goal: 2 → 4" };
  const late = pool("fetch", { replicas, depth: 1_200.4, oldestAgeMs: { value: 4_120, ...well } });
  const tuning = { version: 3, atMs: 0, stages: { fetch: { max: 12, paused: true } } };
  const paused = pool("infer", { paused: true, busy: unknown });
  const lines = shown(figures({ tuning }, [late, pool("preprocess"), paused, pool("postprocess")]));
  expect(lines[1]).toBe("fetch is the bottleneck");
  expect(lines.find((line) => /^fetch +\d/.test(line))).toMatch(
    /^fetch +2\/4 +1\.\.4 +1200 +4\.1 s +3 s +12 +26 % +10 +10 +0$/,
  );
  expect(lines).toContain("  2 starting · tuned: max 12 · age 4.1 s over the 3 s goal: 2 → 4");
  expect(lines).toContain("  PAUSED · at the minimum of 1");
  expect(lines.find((line) => line.startsWith("infer"))).toMatch(/12 +– +10/);
});

test("a pool that nobody scales says so, and what is not known is no nought", () => {
  const nobody = { wanted: null, min: null, max: null, reason: null };
  const alone = pool("fetch", { replicas: { ...pool("fetch").replicas, ...nobody }, inPerSecond: null });
  const state = { ...figures().state, pools: [alone], scaler: { driver: null, by: null, ageMs: null } };
  const lines = shown(figures({ state }));
  expect(lines[0]).toContain("nobody scales the pools · ingress holds 40/4000 · tuning 0");
  expect(lines).toContain("  nobody scales it");
  expect(lines.find((line) => /^fetch +\d/.test(line))).toMatch(/^fetch +2\/– +– .* – +10 +0$/);
});

test("a trial is told from what was tuned before it, with the time that it has left", () => {
  const before = { infer: { concurrency: 8 } };
  const stages = { ...before, fetch: { goalMs: 1_500 } };
  const tuning = { version: 4, atMs: 0, stages, trial: { untilMs: nowMs + 90_000, before } };
  const lines = shown(figures({ tuning }));
  expect(lines[0]).toMatch(/tuning 4, on trial for another 90 s$/);
  expect(lines).toContain("  on trial: goal 1.5 s · at the minimum of 1");
  expect(lines).toContain("  tuned: concurrency 8 · at the minimum of 1");
});

test("failures come with their reasons, and changes of ops and scaler in one order", () => {
  const failures = [
    { verdict: "unprocessable" as const, reason: "host-timeout", words: "", fiveMinutes: 3, hour: 9 },
    { verdict: "unprocessable" as const, reason: "not-found", words: "", fiveMinutes: 0, hour: 4 },
  ];
  const entry = {
    version: 3,
    atMs: nowMs - 5_000,
    who: "Ada",
    why: "a\u001bflood",
    kind: "change" as const,
    stages: {},
  };
  const changes = [{ ...entry, changes: [{ stage: "infer" as const, field: "max" as const, from: 4, to: 8 }] }];
  const move = { stage: "infer" as const, from: 4, to: 6, reason: "more" };
  const moves = [
    { ...move, atMs: nowMs - 1_000 },
    { ...move, from: 2, to: 4, atMs: nowMs - 9_000 },
  ];
  const lines = shown(figures({ failures, changes }), moves);
  expect(lines).toContain("failures     3 unprocessable, 1 expired in five minutes (1.2 %)  ·  host-timeout 3");
  expect(lines.slice(-3).map((line) => line.replaceAll(/\d\d:\d\d:\d\d/g, "TIME"))).toEqual([
    "changes      TIME  infer 4 → 6: more",
    '             TIME  infer max 4 → 8: changed by Ada, "a\ufffdflood"',
    "             TIME  infer 2 → 4: more",
  ]);
});

test("no line is wider than the terminal", () => {
  const long = pool("fetch", { replicas: { ...pool("fetch").replicas, reason: "because ".repeat(40) } });
  for (const line of shown(figures({}, [long]), [], 60)) expect(line.length).toBeLessThanOrEqual(60);
});
