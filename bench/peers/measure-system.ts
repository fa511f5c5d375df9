import { findLimit, type LimitSearch } from "./find-limit.ts";
import type { GpuWork } from "./gpu-timeline.ts";
import { type LoadResult, startLoadGenerator } from "./load/load-generator.ts";
import type { Setting } from "./setting.ts";
import { type SystemName, startSystemUnderTest } from "./systems/start-system.ts";
import type { StartOptions, SystemUnderTest } from "./systems/system-under-test.ts";
import { usageOf } from "./usage.ts";

/** One load on one system. */
export interface Measurement extends LoadResult {
  askedPerSecond: number;
  /** Of the system itself. */
  cpuMsPerCapture: number;
  memoryMiB: number;
  /** Of the fake Pub/Sub, which stands for a service of Google's. */
  outsideCpuMsPerCapture: number;
  generatorCpuMsPerCapture: number;
  parts: Record<string, { cpuMsPerCapture: number; memoryMiB: number }>;
  /** How long the stand-in for a GPU worked on a capture, and on how many at a time; absent where there is none. */
  gpu?: { msPerCapture: number; meanBatch: number };
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
    const before = usages(running);
    const gpuBefore = running.gpuWork();
    const seed = repeat * 1_000 + Math.round(perSecond);
    const result = await generator.run({ perSecond, seconds, seed, giveUpMs: lengths.giveUpMs });
    const answered = Math.max(1, result.captures - result.failed);
    const parts = usages(running).map(({ name, outside, cpuMs, memoryMiB }) => {
      const earlier = before.find((each) => each.name === name)?.cpuMs ?? 0;
      return { name, outside, cpuMsPerCapture: (cpuMs - earlier) / answered, memoryMiB };
    });
    const sum = (of: "cpuMsPerCapture" | "memoryMiB", outside: boolean) =>
      parts.filter((part) => part.outside === outside).reduce((total, part) => total + part[of], 0);
    const measured = {
      ...result,
      askedPerSecond: perSecond,
      cpuMsPerCapture: sum("cpuMsPerCapture", false),
      memoryMiB: sum("memoryMiB", false),
      outsideCpuMsPerCapture: sum("cpuMsPerCapture", true),
      generatorCpuMsPerCapture: result.generatorCpuMs / answered,
      parts: Object.fromEntries(parts.map(({ name, outside: _, ...usage }) => [name, usage])),
      gpu: gpuSince(gpuBefore, running.gpuWork()),
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

function usages(system: SystemUnderTest) {
  return system.parts().map((part) => ({ ...part, ...usageOf(part) }));
}

function gpuSince(before: GpuWork | undefined, after: GpuWork | undefined): Measurement["gpu"] {
  if (!before || !after) return undefined;
  const pictures = Math.max(1, after.pictures - before.pictures);
  return {
    msPerCapture: (after.busyMs - before.busyMs) / pictures,
    meanBatch: pictures / Math.max(1, after.batches - before.batches),
  };
}

function inWords({ askedPerSecond, answeredPerSecond, offeredPerSecond, latencyMs, failed, sustained }: Measurement) {
  const rates = `${askedPerSecond.toFixed(0)}/s asked, ${offeredPerSecond.toFixed(0)}/s came, ${answeredPerSecond.toFixed(0)}/s answered`;
  const latency = `p50 ${latencyMs.p50.toFixed(0)} ms, p99 ${latencyMs.p99.toFixed(0)} ms`;
  return `${rates}, ${latency}${failed > 0 ? `, ${failed} failed` : ""}${sustained ? "" : ": too much"}`;
}
