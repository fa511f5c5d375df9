import { expect, test } from "vitest";
import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import { gatheringWindowMs } from "../../src/producer/ingress/gathering-window.ts";

const waited = (agesMs: Partial<Record<StageName, number>>) =>
  gatheringWindowMs(stageNames.map((stage) => ({ stage, oldestAgeMs: agesMs[stage] ?? 0 })));

test("captures are gathered for 25 ms while nothing waits", () => {
  expect(gatheringWindowMs([])).toBe(25);
  expect(waited({ infer: 3 })).toBe(25);
});

test("they are gathered for as long as others wait before fetch or the GPU, where they wait longest", () => {
  expect(waited({ fetch: 30, infer: 80 })).toBe(80);
  expect(waited({ fetch: 90, infer: 80 })).toBe(90);
});

test("they are gathered for 150 ms at most", () => {
  expect(waited({ infer: 60_000 })).toBe(150);
});

test("what waits to be decoded or published is not helped by larger batches", () => {
  expect(waited({ preprocess: 500, postprocess: 500 })).toBe(25);
});
