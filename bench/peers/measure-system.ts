import { findLimit, type LimitSearch } from "./find-limit.ts";
import { type LoadResult, startLoadGenerator } from "./load/load-generator.ts";
import type { Setting } from "./setting.ts";
import { type SystemName, startSystemUnderTest } from "./systems/start-system.ts";
import type { StartOptions } from "./systems/system-under-test.ts";
import { cpuMsOf, memoryMiBOf } from "./usage.ts";

/** One load on one system. */
export interface Measurement extends LoadResult {
  askedPerSecond: number;
  /** Of the system's own processes. */
  cpuMsPerCapture: number;
  /** Of the fake Pub/Sub, which stands for a service of Google's. */
  outsideCpuMsPerCapture: number;
  generatorCpuMsPerCapture: number;
  memoryMiB: number;
  outsideMemoryMiB: number;
}

export interface SystemResult {
  system: SystemName;
  setting: Setting;
  repeat: number;
  /** Captures per second, the highest rate that it sustained. */
  limit: number;
  search: Measurement[];
  /** At 50 % and 80 % of the monolith's limit. */
  atHalf: Measurement;
  atFourFifths: Measurement;
}

export interface Lengths {
  warmUpSeconds: number;
  searchSeconds: number;
  loadSeconds: number;
  giveUpMs: number;
}

/**
 * Starts a system, finds its limit, and loads it with 50 % and 80 % of the monolith's.
 * @param monolithLimit undefined for the monolith itself, whose own is taken
 */
export async function measureSystem(
  system: SystemName,
  options: StartOptions & {
    repeat: number;
    search: LimitSearch;
    lengths: Lengths;
    pictureAddress: string;
    monolithLimit?: number;
    progress: (line: string) => void;
  },
): Promise<SystemResult> {
  const { setting, repeat, lengths, progress } = options;
  const running = await startSystemUnderTest(system, options);
  const generator = await startLoadGenerator(running.target, options.pictureAddress, running.env);
  const load = async (perSecond: number, seconds: number): Promise<Measurement> => {
    const [own, outside] = [running.pids(), running.outsidePids()];
    const [ownBeforeMs, outsideBeforeMs] = [cpuMsOf(own), cpuMsOf(outside)];
    const seed = repeat * 1_000 + Math.round(perSecond);
    const result = await generator.run({ perSecond, seconds, seed, giveUpMs: lengths.giveUpMs });
    const each = (ms: number) => ms / Math.max(1, result.captures - result.failed);
    const measured = {
      ...result,
      askedPerSecond: perSecond,
      cpuMsPerCapture: each(cpuMsOf(own) - ownBeforeMs),
      outsideCpuMsPerCapture: each(cpuMsOf(outside) - outsideBeforeMs),
      generatorCpuMsPerCapture: each(result.generatorCpuMs),
      memoryMiB: memoryMiBOf(own),
      outsideMemoryMiB: memoryMiBOf(outside),
    };
    progress(`${system}, ${setting}: ${inWords(measured)}`);
    return measured;
  };
  try {
    await load(Math.min(10, options.search.from), lengths.warmUpSeconds); // Everything has started.
    await load(options.search.from, lengths.warmUpSeconds); // Its hot code is compiled.
    const search: Measurement[] = [];
    const limit = await findLimit(options.search, async (perSecond) => {
      const measured = await load(perSecond, lengths.searchSeconds);
      search.push(measured);
      return measured.sustained;
    });
    const of = options.monolithLimit ?? limit;
    const atHalf = await load(of * 0.5, lengths.loadSeconds);
    const atFourFifths = await load(of * 0.8, lengths.loadSeconds);
    return { system, setting, repeat, limit, search, atHalf, atFourFifths };
  } finally {
    await generator.stop();
    await running.stop();
  }
}

function inWords({ askedPerSecond, answeredPerSecond, offeredPerSecond, latencyMs, failed, sustained }: Measurement) {
  const rates = `${askedPerSecond.toFixed(0)}/s asked, ${offeredPerSecond.toFixed(0)}/s came, ${answeredPerSecond.toFixed(0)}/s answered`;
  const latency = `p50 ${latencyMs.p50.toFixed(0)} ms, p99 ${latencyMs.p99.toFixed(0)} ms`;
  return `${rates}, ${latency}${failed > 0 ? `, ${failed} failed` : ""}${sustained ? "" : ": too much"}`;
}
