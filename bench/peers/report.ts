import type { Measurement } from "./measure-load.ts";
import { type SystemResult, tolerableShare } from "./measure-system.ts";
import { inWords, type Setting } from "./setting.ts";
import { type SystemName, systemNames } from "./systems/start-system.ts";

interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Of all repeats of a system in a setting. */
interface Row {
  system: SystemName;
  limit: Spread;
  results: readonly SystemResult[];
}

/** Prints a setting's table, and how far its goal was reached. */
export function printSetting(setting: Setting, all: readonly SystemResult[], options: { goals: boolean }): void {
  const rows = systemNames.flatMap((system): Row[] => {
    const results = all.filter((each) => each.setting === setting && each.system === system);
    return results.length === 0 ? [] : [{ system, results, limit: spreadOf(results.map(({ limit }) => limit)) }];
  });
  const monolith = rows.find(({ system }) => system === "monolith");
  console.log(`\n${inWords[setting]}`);
  console.table(
    Object.fromEntries(
      rows.map(({ system, limit, results }) => [
        system,
        {
          "limit/s": `${limit.median.toFixed(0)} (${limit.least.toFixed(0)}-${limit.most.toFixed(0)})`,
          "of monolith's": monolith && `${(limit.median / monolith.limit.median).toFixed(2)} x`,
          "at 50 %, ms": latencies(results.map(({ atHalf }) => atHalf)),
          "at 80 %, ms": latencies(results.map(({ atFourFifths }) => atFourFifths)),
          "CPU ms": at80((load) => load.cpuMsPerCapture, results).toFixed(1),
          MiB: at80((load) => load.memoryMiB, results).toFixed(0),
          "KiB/(capture/s)": ((at80((load) => load.memoryMiB, results) * 1024) / limit.median).toFixed(0),
          ...gpuColumns(results),
          "generator ms": at80((load) => load.generatorCpuMsPerCapture, results).toFixed(2),
          others: `${(100 * median(loadsOf(results).map(({ othersShare }) => othersShare))).toFixed(0)} %`,
          "Pub/Sub ms": at80((load) => load.outsideCpuMsPerCapture, results).toFixed(2),
        },
      ]),
    ),
  );
  const loads = loadsOf(rows.flatMap(({ results }) => results));
  const disturbed = loads.filter(({ othersShare }) => othersShare > tolerableShare).length;
  if (disturbed > 0)
    console.log(`DISTURBED by other programs: ${disturbed} of ${loads.length} loads; no goal can be judged by them`);
  if (options.goals) printGoal(setting, rows, monolith, disturbed > 0);
  const ours = rows.find(({ system }) => system === "briareus");
  if (monolith && ours) printBesideReference(monolith, ours);
}

/** What the GPU would take if there were CPU enough to keep it busy, by the largest batches that were seen. */
function gpuColumns(results: readonly SystemResult[]): Record<string, string> {
  const loads = loadsOf(results).flatMap(({ gpu }) => gpu ?? []);
  if (loads.length === 0) return {};
  const best = loads.reduce((one, other) => (other.msPerCapture < one.msPerCapture ? other : one));
  return { batch: best.meanBatch.toFixed(1), "GPU limit/s": (1000 / best.msPerCapture).toFixed(0) };
}

function loadsOf(results: readonly SystemResult[]): Measurement[] {
  return results.flatMap(({ search, atHalf, atFourFifths }) => [...search, atHalf, atFourFifths]);
}

function at80(of: (load: Measurement) => number, results: readonly SystemResult[]): number {
  return median(results.map(({ atFourFifths }) => of(atFourFifths)));
}

function printGoal(setting: Setting, rows: readonly Row[], monolith: Row | undefined, disturbed: boolean): void {
  const ours = rows.find(({ system }) => system === "briareus");
  const peers = rows.filter(({ system }) => system !== "briareus");
  if (!ours || peers.length === 0) return;
  const goal = (what: string, value: number, wanted: string, reached: boolean) =>
    console.log(
      `${disturbed ? "unsure " : reached ? "reached" : "MISSED "}  ${what}: ${value.toFixed(2)} x, goal ${wanted}`,
    );
  if (setting === "cpu") {
    const best = peers.reduce((one, other) => (other.limit.median > one.limit.median ? other : one));
    const ratio = ours.limit.median / best.limit.median;
    goal(`limit against the best peer, ${best.system}`, ratio, "at least 1.7 x", ratio >= 1.7);
  } else if (monolith) {
    const p99 = ({ results }: Row) => at80(({ latencyMs }) => latencyMs.p99, results);
    const limit = ours.limit.median / monolith.limit.median;
    const latency = p99(ours) / p99(monolith);
    goal("limit against the monolith", limit, "at least 4 x", limit >= 4);
    goal("p99 at 80 % of the monolith's limit, against it", latency, "at most 1 x", latency <= 1);
  }
}

/** What the architecture that this one follows reported of its own move away from a monolith, and what is seen here. */
function printBesideReference(monolith: Row, ours: Row): void {
  const change = (of: (row: Row) => number) => {
    const percent = 100 * (of(ours) / of(monolith) - 1);
    return `${percent < 0 ? "" : "+"}${percent.toFixed(0)} %`;
  };
  const latenciesOf = ({ results }: Row) => latencies(results.map(({ atFourFifths }) => atFourFifths));
  const memory = (row: Row) => at80((load) => load.memoryMiB, row.results);
  console.table({
    "limit, of the monolith's": {
      reference: "1.5 x with Triton, 2 x with TensorRT, 4 x with CPU pools scaled out",
      here: `${(ours.limit.median / monolith.limit.median).toFixed(2)} x`,
    },
    "p50/p95/p99, ms": {
      reference: "430/740/960 -> 350/490/740",
      here: `${latenciesOf(monolith)} -> ${latenciesOf(ours)}`,
    },
    "CPU per capture": {
      reference: "-50 %",
      here: change(({ results }) => at80((load) => load.cpuMsPerCapture, results)),
    },
    memory: {
      reference: "-80 %",
      here: `${change(memory)}, per capture/s ${change((row) => memory(row) / row.limit.median)}`,
    },
  });
}

function latencies(measured: readonly Measurement[]): string {
  const of = (name: "p50" | "p95" | "p99") => median(measured.map(({ latencyMs }) => latencyMs[name])).toFixed(0);
  return `${of("p50")}/${of("p95")}/${of("p99")}`;
}

function spreadOf(numbers: readonly number[]): Spread {
  return { median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers) };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
