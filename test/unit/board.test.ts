import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Verdict } from "../../src/capture/verdict.ts";
import { renderBoard, renderLine, toRow } from "../../src/cli/board.ts";
import type { DisplayState } from "../../src/cli/display.ts";
import type { VerdictTally } from "../../src/local/verdict-tally.ts";
import type { PoolFigures } from "../../src/pipeline/pool-figures.ts";
import type { StageFigures } from "../../src/pipeline/stage-meter.ts";
import { Policy } from "../../src/policy/policy.ts";
import { decide } from "../../src/workers/postprocess/decide.ts";
import { inFlight, receivedAtMs } from "../items.ts";

const figures = (facts: Partial<StageFigures>): StageFigures => ({
  done: 0,
  retried: 0,
  rejected: 0,
  active: 0,
  concurrency: 8,
  defaultConcurrency: 8,
  tuningVersion: 0,
  batches: 0,
  serviceMsPerCapture: 0,
  capturesPerBatch: 0,
  p50Ms: 0,
  p95Ms: 0,
  atMs: receivedAtMs,
  ...facts,
});
const pool: PoolFigures = {
  stage: "fetch",
  waitingBatches: 12,
  activeBatches: 3,
  delayedBatches: 2,
  suspects: 1,
  captures: { waiting: 180, active: 45, later: 20, suspects: 1 },
  oldestAgeMs: 400,
  paused: false,
  keptBack: false,
  addedBatches: 400,
  capturesPerBatch: 15,
  last: undefined,
  processes: [
    figures({ done: 100, p50Ms: 40, p95Ms: 90, retried: 4 }),
    figures({ done: 50, p50Ms: 60, p95Ms: 80, rejected: 2 }),
  ],
};

const policy = Policy.parse({
  version: "1",
  categories: { nudity: { severity: "high", labels: [{ model: "m", label: "nude", threshold: 0.8 }] } },
});
const flagged: Verdict = decide(
  { ...inFlight("c-77"), result: { kind: "scored", scores: [{ model: "m", version: "1", scores: { nude: 0.912 } }] } },
  policy,
  receivedAtMs,
);

const tally = (latest?: Verdict): VerdictTally => ({
  counts: () => ({ clean: 140, flagged: 7, unprocessable: 2, expired: 1 }),
  distinct: () => 150,
  doubled: () => 0,
  expect: () => undefined,
  missing: () => [],
  latestFlagged: () => latest,
  latencyMs: () => ({ p50: 310, p95: 720, p99: 900 }),
  firstAtMs: () => receivedAtMs,
  close: async () => undefined,
});
const state = (latest?: Verdict): DisplayState => ({
  pools: [pool],
  verdicts: tally(latest),
  published: 160,
  restarts: 0,
  seconds: 12.3,
  console: "http://127.0.0.1:8080",
  scaling: [],
});

test("a pool's row sums its processes and shows the slowest one's times", () => {
  expect(toRow(pool)).toEqual({
    stage: "fetch",
    processes: 2,
    waiting: 12,
    active: 3,
    delayed: 2,
    suspects: 1,
    done: 150,
    perSecond: 0,
    p50Ms: 60,
    p95Ms: 90,
    retried: 4,
    rejected: 2,
  });
});

test("a pool without processes has a row of noughts", () => {
  expect(toRow({ ...pool, processes: [] })).toMatchObject({ processes: 0, done: 0, p50Ms: 0, p95Ms: 0 });
});

test("the board shows pools in columns, verdicts, latency, the latest flagged capture and notes", () => {
  const rows = [{ ...toRow(pool), perSecond: 48.25 }];
  const lines = stripVTControlCharacters(renderBoard(state(flagged), rows, ["fetch ended (SIGKILL)"])).split("\n");
  expect(lines[0]).toBe("briareus  12 s  ·  160 captures published  ·  Ctrl-C ends");
  const [head, row] = [lines[2] ?? "", lines[3] ?? ""];
  expect(head).toMatch(/^stage +processes +waiting +active +delayed +done\/s +p50 ms +p95 ms +retried +rejected$/);
  expect(row).toMatch(/^fetch +2 +12 +3 +2 +48\.3 +60 +90 +4 +2$/);
  expect(row.length).toBe(head.length);
  expect(lines.slice(5)).toEqual([
    "verdicts     140 clean   7 flagged   2 unprocessable   1 expired   0 doubled",
    "latency      p50 310 ms   p95 720 ms",
    "flagged      stream-1  nudity 0.91 ≥ 0.8  c-77",
    "review       console at http://127.0.0.1:8080",
    "note         fetch ended (SIGKILL)",
  ]);
});

test("the board shows what each pool was last given and why", () => {
  const scaling = [
    { stage: "fetch", replicas: 4, reason: "640 captures and 320/s more need 4 at 12 ms each: 1 → 4" },
    { stage: "preprocess", replicas: 10, reason: "held: infer is saturated (12 would be needed)" },
  ];
  const lines = stripVTControlCharacters(renderBoard({ ...state(), scaling }, [toRow(pool)], [])).split("\n");
  expect(lines.slice(5, 7)).toEqual([
    "scaling      fetch         4  640 captures and 320/s more need 4 at 12 ms each: 1 → 4",
    "             preprocess   10  held: infer is saturated (12 would be needed)",
  ]);
});

test("the board fits a terminal of 100 columns", () => {
  const busy = {
    ...pool,
    waitingBatches: 99_999,
    processes: [figures({ p95Ms: 123_456, retried: 99_999, rejected: 99_999 })],
  };
  const rows = [{ ...toRow(busy), perSecond: 12_345.6 }];
  const text = stripVTControlCharacters(renderBoard(state(), rows, []));
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text).toContain("flagged      none yet");
});

test("the same in one line, for logs", () => {
  expect(renderLine(state(flagged), [{ ...toRow(pool), perSecond: 48.25 }])).toBe(
    "12 s  published 160  fetch 12w/3a 48/s  verdicts: 140 clean, 7 flagged, 2 unprocessable, 1 expired",
  );
});
