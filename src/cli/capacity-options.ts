/** What `briareus capacity` is asked. Pure. */
import { InvalidArgumentError } from "commander";
import type { CapacityGoal } from "../scaling/capacity.ts";
import { type PlannedName, plannedNames } from "../scaling/documented-costs.ts";
import type { Overrides } from "../scaling/planned-pools.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** Per hour: of a core, a GiB of memory, or a worker of a pool. */
export const pricedNames = ["core", "gib", ...plannedNames] as const;
type PricedName = (typeof pricedNames)[number];
export type Prices = ReadonlyMap<PricedName, number>;

export interface CapacityOptions {
  rate?: number;
  streams?: number;
  fps?: number;
  workers?: ReadonlyMap<PlannedName, number>;
  goal: number;
  headroom: number;
  backlog: number;
  service?: Overrides["serviceMs"];
  concurrency?: Overrides["concurrency"];
  cpu?: Overrides["cpuMs"];
  memory?: Overrides["memoryMiB"];
  price?: Prices;
  documented?: boolean;
  json?: boolean;
}

export type CapacityQuestion =
  | { kind: "workers-for"; capturesPerSecond: number }
  | { kind: "carried-by"; workers: ReadonlyMap<PlannedName, number> };

const highestRate = 10_000_000;

/** @throws CommandError where options contradict one another, or none says how much comes */
export function capacityQuestion({ rate, streams, fps, workers, backlog }: CapacityOptions): CapacityQuestion {
  const asked = [rate !== undefined && "--rate", streams !== undefined && "--streams", workers && "--workers"];
  const named = asked.filter((each) => typeof each === "string");
  if (named.length === 0)
    throw wrongUse("say what comes, --rate 500 or --streams 1000 --fps 0.5, or what there is, --workers preprocess=4");
  if (named.length > 1) throw wrongUse(`${named.join(" and ")} ask for different things: say one of them`);
  if (fps !== undefined && streams === undefined) throw wrongUse("--fps is of streams: say how many, --streams 1000");
  if (workers && backlog > 0)
    throw wrongUse("--backlog is what workers are asked for: say it with --rate or --streams");
  if (workers) return { kind: "carried-by", workers };
  const capturesPerSecond = rate ?? (streams ?? 0) * (fps ?? 1);
  if (capturesPerSecond > highestRate)
    throw wrongUse(
      `${capturesPerSecond} captures a second are beyond ${highestRate}, which is more than anybody publishes`,
    );
  return { kind: "workers-for", capturesPerSecond };
}

export const goalOf = ({ goal, headroom, backlog }: CapacityOptions): CapacityGoal => ({
  goalMs: goal,
  headroom,
  backlog,
});

export function overridesOf({ service, concurrency, cpu, memory }: CapacityOptions): Overrides {
  const none = new Map<PlannedName, number>();
  return {
    serviceMs: service ?? none,
    concurrency: concurrency ?? none,
    cpuMs: cpu ?? none,
    memoryMiB: memory ?? none,
  };
}

/**
 * A parser for "preprocess=12", or several with commas between, repeatedly.
 * @param whole whether only whole numbers are allowed
 */
export function numberPer<Name extends string>(
  names: readonly Name[],
  { least, most, whole = false }: { least: number; most: number; whole?: boolean },
) {
  return (text: string, before: ReadonlyMap<Name, number> = new Map()): ReadonlyMap<Name, number> => {
    const numbers = new Map(before);
    for (const part of text.split(",")) {
      const [, word, figure = ""] = /^([a-z-]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
      const name = names.find((each) => each === word);
      const number = Number(figure);
      const allowed = number >= least && number <= most && (!whole || Number.isInteger(number));
      if (name === undefined || figure === "" || !allowed)
        throw new InvalidArgumentError(
          `"${part}" must be NAME=NUMBER with one of ${names.join(", ")} and a ${whole ? "whole " : ""}number from ${least} to ${most}.`,
        );
      numbers.set(name, number);
    }
    return numbers;
  };
}

/** A parser for how many times what comes there shall be capacity for. */
export function parseHeadroom(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 1 && value <= 10) return value;
  throw new InvalidArgumentError("must be a number from 1 to 10: below 1 a queue would only grow.");
}

const wrongUse = (words: string) => new CommandError(words, exitCodes.usage);
