/**
 * `npm run bench [-- NAME…] [--quick]`: runs benchmarks, prints tables, writes bench/results/TIME.json.
 * `npm run bench -- stages --against FOLDER`: the stages of another checkout and of this one, alternately.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { ensureDemoModel } from "../src/model-server/demo-model/ensure-demo-model.ts";
import { type BareLoopResult, benchBareLoop } from "./bare-loop/bare-loop.ts";
import { benchConsole } from "./console/console.ts";
import { benchEndToEnd, type EndToEndResult } from "./end-to-end/end-to-end.ts";
import { benchReviewIntake, benchStoring, type ReviewIntakeResult } from "./review-intake/review-intake.ts";
import { type BurstResult, benchBurst } from "./scale/burst.ts";
import { benchTick } from "./scale/tick.ts";
import { compareStages, type StageComparison } from "./stages/compare.ts";
import { benchPreprocess } from "./stages/preprocess-alone.ts";
import { benchStages } from "./stages/stages.ts";
import { benchTransport } from "./transport/transport.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    against: { type: "string" },
    rounds: { type: "string", default: "5" },
    help: { type: "boolean", default: false },
  },
});
const repository = ".briareus/models";
const cores = availableParallelism();
const factor = values.quick ? 0.2 : 1;

const benchmarks: Record<string, () => Promise<unknown>> = {
  async transport() {
    const rows = [await benchTransport(1, 5_000 * factor, 1), await benchTransport(16, 100_000 * factor, 1)];
    console.table(rows.map(rounded));
    return rows;
  },
  async stages() {
    const { against } = values;
    const load = { captures: 1_600 * factor, repository };
    if (against !== undefined) {
      const checkouts = { before: against, after: "." };
      const result = await compareStages(Number(values.rounds), (side) =>
        benchStages({ ...load, checkout: checkouts[side] }),
      );
      printComparison(result.comparisons);
      return result;
    }
    const rows = await benchStages({ ...load, checkout: "." });
    console.table(rows.map(rounded));
    return rows;
  },
  async preprocess() {
    const sides = values.against === undefined ? ["."] : [values.against, "."];
    const rows: number[][] = [];
    for (let round = 0; round < Number(values.rounds) * factor; round++) {
      const row: number[] = [];
      for (const side of sides) row.push(await benchPreprocess(side));
      rows.push(row);
    }
    console.log(`CPU, ms per capture, of ${sides.join(" and ")}`);
    console.table(rows);
    return rows;
  },
  async "end-to-end"() {
    const limit = { model: `${repository}/nsfw/1/model.onnx`, cores, seconds: 10 * factor };
    const before = await benchBareLoop(limit);
    const full = await benchEndToEnd({ rate: Math.ceil(before.capturesPerSecond * 1.5), seconds: 15 * factor });
    const half = await benchEndToEnd({ rate: Math.ceil(full.capturesPerSecond / 2), seconds: 20 * factor });
    const after = await benchBareLoop(limit);
    printEndToEnd([before, after], full, half);
    return { bareLoop: [before, after], full, half };
  },
  async "review-intake"() {
    const storing = await benchStoring(60_000 * factor);
    const intake = await benchReviewIntake({ rate: 2_000, seconds: 60 * factor });
    printReviewIntake(storing.storedPerSecond, intake);
    return { storing, intake };
  },
  async scale() {
    const captures = 1_000_000 * factor;
    const ticks = [
      await benchTick({ captures, capturesPerBatch: 16 }),
      await benchTick({ captures, capturesPerBatch: 1 }),
    ];
    console.table(ticks.map(rounded));
    const burst = await benchBurst({ rate: 4 * cores, seconds: Math.max(2, 5 * factor) });
    printBurst(burst);
    return { ticks, burst };
  },
  async console() {
    const result = await benchConsole({ decisions: 100 * factor, seconds: 5 });
    console.table({ "next incident, ms": result.nextMs, "Queue of 5,000 rows": result.queue });
    return result;
  },
};

if (values.help || positionals.some((name) => !(name in benchmarks))) {
  console.log(
    `usage: npm run bench [-- NAME…] [--quick] [--against CHECKOUT [--rounds N]]   names: ${Object.keys(benchmarks).join(", ")}`,
  );
  process.exit(values.help ? 0 : 2);
}
await ensureDemoModel(repository);
const results: Record<string, unknown> = { at: new Date().toISOString(), cores, node: process.version };
for (const [name, run] of Object.entries(benchmarks)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`\n${name}`);
  results[name] = await run();
}
mkdirSync("bench/results", { recursive: true });
const file = `bench/results/${new Date().toISOString().replaceAll(":", "-")}.json`;
writeFileSync(file, JSON.stringify(results, null, 2));
console.log(`\nwritten to ${file}`);
process.exit(0);

function printEndToEnd(bare: BareLoopResult[], full: EndToEndResult, half: EndToEndResult): void {
  const bareMs = mean(bare.map(({ cpuMsPerCapture }) => cpuMsPerCapture));
  console.table([
    ...bare.map((each, index) => ({ what: `bare loop, ${index === 0 ? "before" : "after"}`, ...rounded(each) })),
    ...[full, half].map(({ offeredPerSecond, capturesPerSecond, cpuMsPerCapture, latencyMs, doubled }) => ({
      what: `briareus, ${offeredPerSecond}/s offered`,
      ...rounded({ capturesPerSecond, cpuMsPerCapture }),
      ...latencyMs,
      doubled,
    })),
  ]);
  console.table(Object.fromEntries(Object.entries(full.processes).map(([name, figures]) => [name, rounded(figures)])));
  const throughput = full.capturesPerSecond / mean(bare.map(({ capturesPerSecond }) => capturesPerSecond));
  console.log(`bare loop / briareus in CPU per capture: ${(bareMs / full.cpuMsPerCapture).toFixed(2)}`);
  console.log(
    `briareus / bare loop in captures per second, publisher and emulator on the same cores: ${throughput.toFixed(2)}`,
  );
}

function printComparison(comparisons: StageComparison[]): void {
  const shown = ({ median, least, most }: StageComparison["before"]) =>
    `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
  console.log("CPU, ms per capture: median (least to most)");
  console.table(
    Object.fromEntries(
      comparisons.map(({ stage, before, after, afterOverBefore }) => [
        stage,
        { before: shown(before), after: shown(after), "after / before": shown(afterOverBefore) },
      ]),
    ),
  );
}

function printReviewIntake(storedPerSecond: number, intake: ReviewIntakeResult): void {
  const { publishedPerSecond, incidents, frames, behindMs, rssMiBBySecond, cpuMsPerVerdict } = intake;
  const peakMiB = Math.max(...rssMiBBySecond);
  console.log(`stored alone, in batches of 500: ${Math.round(storedPerSecond)} verdicts/s`);
  console.table([rounded({ publishedPerSecond, incidents, frames, peakMiB })]);
  console.table([rounded(behindMs)]);
  console.table([rounded(cpuMsPerVerdict)]);
}

function printBurst({ workers, ...times }: BurstResult): void {
  console.table([rounded(times)]);
  console.table(workers.map(rounded));
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function rounded<T extends object>(row: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === "number" ? Number(value.toPrecision(4)) : value]),
  );
}
