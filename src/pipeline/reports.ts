/** What processes say of themselves every second, in a Redis hash with a field per process. */
import type { Redis } from "ioredis";
import type { z } from "zod";
import { type Counted, createTotalsWriter } from "./totals.ts";

const reportMs = 1_000;
/** A process that has said nothing for this long is gone. */
const staleMs = 5_000;
const lifetimeS = 60;
const lastLifetimeS = 7 * 24 * 3600;

interface Report {
  report: { atMs: number };
  /** A hash that shall hold the report longer than its process lives. */
  alsoWrite?: { key: string; field: string };
  /** What this process has counted since it began, for the totals of all. */
  counted?: Counted;
}

/** Writes a report every second; the returned function ends that and takes it away. */
export function keepReporting(redis: Redis, key: string, processId: string, make: () => Report) {
  const totals = createTotalsWriter();
  const write = () => {
    const { report, alsoWrite, counted = {} } = make();
    const text = JSON.stringify(report);
    const pipeline = redis.pipeline().hset(key, processId, text).expire(key, lifetimeS);
    if (alsoWrite) pipeline.hset(alsoWrite.key, alsoWrite.field, text).expire(alsoWrite.key, lastLifetimeS);
    const adding = totals.add(pipeline, counted);
    return pipeline.exec().catch(adding.failed); // The next second writes them again.
  };
  const timer = setInterval(write, reportMs);
  void write();
  return async () => {
    clearInterval(timer);
    await write(); // What was counted in the last second.
    await redis.hdel(key, processId);
  };
}

/** The reports of processes that live. Those of another version, which say other things, are passed over. */
export function readReports<T extends { atMs: number }>(
  texts: readonly string[],
  schema: z.ZodType<T>,
  nowMs: number,
): T[] {
  return texts
    .map((text) => schema.safeParse(JSON.parse(text)).data)
    .filter((report) => report !== undefined)
    .filter(({ atMs }) => nowMs - atMs < staleMs);
}
