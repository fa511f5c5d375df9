import { type StageName, stageNames } from "../../src/pipeline/stages.ts";
import type { StageResult } from "./stages.ts";

/** CPU of a stage on two checkouts, ms per capture: medians of the rounds, and the smallest and largest. */
export interface StageComparison {
  stage: StageName | "model server, at infer";
  before: Spread;
  after: Spread;
  /** Median of the rounds' own ratios, so that a machine that slows down over the rounds does no harm. */
  afterOverBefore: Spread;
}

export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Runs both alternately; which one goes first alternates too. */
export async function compareStages(
  rounds: number,
  run: (side: "before" | "after") => Promise<StageResult[]>,
): Promise<{ comparisons: StageComparison[]; rounds: Record<"before" | "after", StageResult[]>[] }> {
  const all: Record<"before" | "after", StageResult[]>[] = [];
  for (let round = 0; round < rounds; round++) {
    const isEven = round % 2 === 0;
    const first = await run(isEven ? "before" : "after");
    const second = await run(isEven ? "after" : "before");
    all.push(isEven ? { before: first, after: second } : { before: second, after: first });
  }
  const compare = (stage: StageComparison["stage"], pick: (results: readonly StageResult[]) => number) => ({
    stage,
    before: spreadOf(all.map(({ before }) => pick(before))),
    after: spreadOf(all.map(({ after }) => pick(after))),
    afterOverBefore: spreadOf(all.map(({ before, after }) => pick(after) / pick(before))),
  });
  const comparisons = [
    ...stageNames.map((stage) => compare(stage, (results) => of(results, stage).cpuMsPerCapture)),
    compare("model server, at infer", (results) => of(results, "infer").modelServerCpuMsPerCapture),
  ];
  return { comparisons, rounds: all };
}

function of(results: readonly StageResult[], stage: StageName): StageResult {
  const found = results.find((result) => result.stage === stage);
  if (!found) throw new Error(`nothing was measured of ${stage}`);
  return found;
}

function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(sorted.length - 1) };
}
