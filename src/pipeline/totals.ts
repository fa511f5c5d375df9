/**
 * Counters that only grow, of all processes of the system together, in one Redis hash. Each process adds what it has
 * counted since the last second, so that nothing is lost with a process that goes, and no batch costs a call. Rates
 * are what two readings differ by; a total that is lower than before says that Redis has lost its data.
 */
import type { ChainableCommander, Redis } from "ioredis";
import { keyPrefix } from "./queues.ts";

/** What one process has counted since it began, by name. */
export type Counted = Readonly<Record<string, number>>;

const totalsKey = `${keyPrefix}:totals`;
const lifetimeS = 7 * 24 * 3600;

export interface TotalsWriter {
  /** Puts what was counted since the last call into the pipeline. Call `failed` of the answer if that is not executed. */
  add(pipeline: ChainableCommander, counted: Counted): { failed(): void };
}

/** One for each process and set of names. */
export function createTotalsWriter(): TotalsWriter {
  let written: Counted = {};
  return {
    add(pipeline, counted) {
      const before = written;
      const grown = Object.entries(counted).filter(([name, count]) => count > (before[name] ?? 0));
      for (const [name, count] of grown) pipeline.hincrby(totalsKey, name, count - (before[name] ?? 0));
      if (grown.length > 0) pipeline.expire(totalsKey, lifetimeS);
      written = counted;
      return {
        failed: () => {
          written = before;
        },
      };
    },
  };
}

export type Totals = ReadonlyMap<string, number>;

export async function readTotals(redis: Redis): Promise<Totals> {
  return new Map(Object.entries(await redis.hgetall(totalsKey)).map(([name, count]) => [name, Number(count)]));
}

/** Names of the counters. */
export const totalOf = {
  /** Captures that ingress took in. */
  received: "received",
  verdict: (kind: string) => `verdict:${kind}`,
  /** Captures that left a stage. */
  outcome: (stage: string, outcome: "done" | "retried" | "rejected") => `${stage}:${outcome}`,
  /** Captures by a time of theirs, in the buckets of time-histogram.ts. */
  time: (stage: string, what: StageTime, bucket: number) => `${stage}:${what}:${bucket}`,
};

/** `service`: of a slot, per capture · `waiting`: before a worker took it · `whole`: since reception. */
export const stageTimes = ["service", "waiting", "whole"] as const;
export type StageTime = (typeof stageTimes)[number];

/** Counts by bucket of one stage's times, of all that was ever counted. */
export function timesOf(totals: Totals, stage: string, what: StageTime): Map<number, number> {
  const prefix = `${stage}:${what}:`;
  return new Map(
    [...totals].flatMap(([name, count]): [number, number][] =>
      name.startsWith(prefix) ? [[Number(name.slice(prefix.length)), count]] : [],
    ),
  );
}
