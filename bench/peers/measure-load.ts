import { processFigures } from "../process-figures.ts";
import type { GpuWork } from "./gpu-timeline.ts";
import type { Load, LoadGenerator, LoadResult } from "./load/load-generator.ts";
import { busyMsOf } from "./machine.ts";
import type { SystemUnderTest } from "./systems/system-under-test.ts";
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
  pictureHostCpuMsPerCapture: number;
  /** Share of the cores' time that went to programs that have no part in this, or to other machines of the host. */
  othersShare: number;
  parts: Record<string, { cpuMsPerCapture: number; memoryMiB: number }>;
  /** How long the stand-in for a GPU worked on a capture, and on how many at a time; absent where there is none. */
  gpu?: { msPerCapture: number; meanBatch: number };
}

/** Where a load runs. */
export interface Surroundings {
  pictures: { address: string; pid: number };
  /** Numbers of the cores that everything is pinned to. */
  pinnedTo: readonly number[];
}

/** Loads a system, and accounts for what everything cost meanwhile. */
export async function measureLoad(
  system: SystemUnderTest,
  generator: LoadGenerator,
  load: Load,
  surroundings: Surroundings,
): Promise<Measurement> {
  const before = accountsOf(system, surroundings);
  const result = await generator.run(load);
  const after = accountsOf(system, surroundings);

  const answered = Math.max(1, result.captures - result.failed);
  const parts = after.parts.map(({ name, outside, cpuMs, memoryMiB }) => {
    const earlierMs = before.parts.find((part) => part.name === name)?.cpuMs ?? 0;
    return { name, outside, cpuMsPerCapture: (cpuMs - earlierMs) / answered, memoryMiB };
  });
  const sum = (of: "cpuMsPerCapture" | "memoryMiB", outside: boolean) =>
    parts.filter((part) => part.outside === outside).reduce((total, part) => total + part[of], 0);
  const picturesMs = after.picturesMs - before.picturesMs;
  const ownMs =
    answered * (sum("cpuMsPerCapture", false) + sum("cpuMsPerCapture", true)) +
    (picturesMs + result.generatorCpuMs + after.mainMs - before.mainMs);
  const availableMs = (after.atMs - before.atMs) * surroundings.pinnedTo.length;
  return {
    ...result,
    askedPerSecond: load.perSecond,
    cpuMsPerCapture: sum("cpuMsPerCapture", false),
    memoryMiB: sum("memoryMiB", false),
    outsideCpuMsPerCapture: sum("cpuMsPerCapture", true),
    generatorCpuMsPerCapture: result.generatorCpuMs / answered,
    pictureHostCpuMsPerCapture: picturesMs / answered,
    othersShare: Math.max(0, after.busyMs - before.busyMs - ownMs) / availableMs,
    parts: Object.fromEntries(parts.map(({ name, outside: _, ...usage }) => [name, usage])),
    gpu: gpuSince(before.gpu, after.gpu),
  };
}

function accountsOf(system: SystemUnderTest, { pictures, pinnedTo }: Surroundings) {
  return {
    atMs: performance.now(),
    busyMs: busyMsOf(pinnedTo),
    mainMs: processFigures(process.pid).cpuMs,
    picturesMs: processFigures(pictures.pid).cpuMs,
    parts: system.parts().map((part) => ({ ...part, ...usageOf(part) })),
    gpu: system.gpuWork(),
  };
}

function gpuSince(before: GpuWork | undefined, after: GpuWork | undefined): Measurement["gpu"] {
  if (!before || !after) return undefined;
  const pictures = Math.max(1, after.pictures - before.pictures);
  return {
    msPerCapture: (after.busyMs - before.busyMs) / pictures,
    meanBatch: pictures / Math.max(1, after.batches - before.batches),
  };
}
