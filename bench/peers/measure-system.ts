import { findLimit, type LimitSearch } from "./find-limit.ts";
import { startLoadGenerator } from "./load/load-generator.ts";
import { untilQuiet } from "./machine.ts";
import { type Measurement, measureLoad, type Surroundings } from "./measure-load.ts";
import type { Setting } from "./setting.ts";
import { type SystemName, startSystemUnderTest } from "./systems/start-system.ts";
import type { StartOptions } from "./systems/system-under-test.ts";

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

export interface Plan {
  warmUpSeconds: number;
  searchSeconds: number;
  loadSeconds: number;
  giveUpMs: number;
  /** For a load's beginning: for so long it is waited until other programs are quiet. */
  quietWithinMs: number;
  /** A load in which other programs took too much is run so often at most; the last one counts. */
  tries: number;
}

/** What other programs may take of the cores before a load counts as disturbed. */
export const tolerableShare = 0.05;

/**
 * Starts a system, finds its limit, and loads it with 50 % and 80 % of the monolith's.
 * @param options.monolithLimit absent for the monolith itself, whose own is taken
 */
export async function measureSystem(
  system: SystemName,
  options: Omit<StartOptions, "cores"> & {
    repeat: number;
    search: LimitSearch;
    plan: Plan;
    surroundings: Surroundings;
    monolithLimit?: number;
    progress: (line: string) => void;
  },
): Promise<SystemResult> {
  const { setting, repeat, plan, progress, surroundings } = options;
  const running = await startSystemUnderTest(system, { ...options, cores: surroundings.pinnedTo.length });
  const generator = await startLoadGenerator(running.target, surroundings.pictures.address, running.env);
  const wanted = (perSecond: number, seconds: number) => {
    const seed = repeat * 1_000 + Math.round(perSecond);
    return { perSecond, seconds, seed, giveUpMs: plan.giveUpMs };
  };
  const warmUp = (perSecond: number) =>
    measureLoad(running, generator, wanted(perSecond, plan.warmUpSeconds), surroundings);
  const load = async (perSecond: number, seconds: number): Promise<Measurement> => {
    for (let attempt = 1; ; attempt++) {
      await untilQuiet(surroundings.pinnedTo, plan.quietWithinMs);
      const measured = await measureLoad(running, generator, wanted(perSecond, seconds), surroundings);
      progress(`${system}, ${setting}: ${inWords(measured)}`);
      if (measured.othersShare <= tolerableShare || attempt >= plan.tries) return measured;
    }
  };
  try {
    await warmUp(Math.min(10, options.search.from)); // Everything has started.
    await warmUp(options.search.from); // Its hot code is compiled.
    const search: Measurement[] = [];
    const limit = await findLimit(options.search, async (perSecond) => {
      const measured = await load(perSecond, plan.searchSeconds);
      search.push(measured);
      return measured.sustained;
    });
    const of = options.monolithLimit ?? limit;
    const atHalf = await load(of * 0.5, plan.loadSeconds);
    const atFourFifths = await load(of * 0.8, plan.loadSeconds);
    return { system, setting, repeat, limit, search, atHalf, atFourFifths };
  } finally {
    await generator.stop();
    await running.stop();
  }
}

function inWords(measured: Measurement): string {
  const { askedPerSecond, answeredPerSecond, offeredPerSecond, latencyMs, failed, sustained, othersShare } = measured;
  const numbers = [
    `${askedPerSecond.toFixed(0)}/s asked`,
    `${offeredPerSecond.toFixed(0)}/s came`,
    `${answeredPerSecond.toFixed(0)}/s answered`,
    `p50 ${latencyMs.p50.toFixed(0)} ms`,
    `p99 ${latencyMs.p99.toFixed(0)} ms`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(othersShare > tolerableShare ? [`${(othersShare * 100).toFixed(0)} % of the cores taken by others`] : []),
  ];
  return numbers.join(", ") + (sustained ? "" : ": too much");
}
