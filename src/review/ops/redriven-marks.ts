import type { Redis } from "ioredis";
import { z } from "zod";
import { keyPrefix } from "../../pipeline/queues.ts";

/** Who redrove a failure, and as which capture. */
const Mark = z.object({ atMs: z.number(), by: z.string(), captureId: z.string() });
export type Mark = z.infer<typeof Mark>;

/** As long as failures are remembered. */
const lifetimeMs = 24 * 3_600_000;
const keyOf = (id: string) => `${keyPrefix}:redriven:${id}`;

/** By the failure's id; those that were never redriven are missing. */
export async function readMarks(redis: Redis, ids: readonly string[]): Promise<ReadonlyMap<string, Mark>> {
  if (ids.length === 0) return new Map();
  const texts = await redis.mget(ids.map(keyOf));
  return new Map(
    texts.flatMap((text, index): [string, Mark][] => {
      const mark = text === null ? undefined : Mark.safeParse(JSON.parse(text)).data;
      const id = ids[index];
      return mark && id !== undefined ? [[id, mark]] : [];
    }),
  );
}

export async function writeMarks(redis: Redis, marks: ReadonlyMap<string, Mark>): Promise<void> {
  const pipeline = redis.pipeline();
  for (const [id, mark] of marks) pipeline.set(keyOf(id), JSON.stringify(mark), "PX", lifetimeMs);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}
