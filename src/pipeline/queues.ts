import { type JobsOptions, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { type AnyItem, type BatchJob, jobVersion, type NewBatch, partId } from "./job.ts";
import { jobName } from "./queue-depth.ts";
import { type StageName, stageNames, stages } from "./stages.ts";

export const keyPrefix = "briareus";

/** Queue of captures whose batch killed its worker: they run one at a time. */
export const suspectsOf = (stage: StageName) => `${stages[stage].queue}-suspects`;

export interface Queues {
  /** Puts batches on a stage's queue. Resolves when Redis holds them all. @throws Error when it refused one */
  add(stage: StageName, batches: readonly NewBatch<AnyItem>[], options?: { suspects?: boolean }): Promise<void>;
  queue(stage: StageName, options?: { suspects?: boolean }): Queue;
  close(): Promise<void>;
}

/** addBulk is one pipeline; larger ones block Redis for other clients. */
const chunkSize = 500;

const jobOptions: JobsOptions = {
  attempts: 5,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: true,
  removeOnFail: { count: 1_000, age: 24 * 3600 },
};

/**
 * The queues of all stages over one connection, which stays the caller's to close.
 * @param batchOf the most captures that a job on a stage's queue may hold; undefined: any number
 */
export function openQueues(
  connection: Redis,
  batchOf: (stage: StageName) => number | undefined = () => undefined,
): Queues {
  const open = (name: string) => {
    const queue = new Queue(name, { connection, prefix: keyPrefix, skipMetasUpdate: true });
    queue.on("error", () => undefined); // The connection's own listener has logged it.
    return queue;
  };
  const main = new Map(stageNames.map((stage) => [stage, open(stages[stage].queue)]));
  const suspects = new Map(stageNames.map((stage) => [stage, open(suspectsOf(stage))]));

  const queueOf = (stage: StageName, options?: { suspects?: boolean }): Queue => {
    const queue = (options?.suspects ? suspects : main).get(stage);
    if (!queue) throw new Error(`there is no stage ${stage}`);
    return queue;
  };

  return {
    queue: queueOf,
    async add(stage, batches, options) {
      const queue = queueOf(stage, options);
      const cut = batches.flatMap((batch) => cutBatch(batch, batchOf(stage)));
      for (let start = 0; start < cut.length; start += chunkSize) {
        const jobs = await queue.addBulk(cut.slice(start, start + chunkSize).map(toJob));
        // addBulk does not throw for a single refused job: it gives it an error number for an id.
        const refused = jobs.find((job) => !job.id || /^-\d+$/.test(job.id));
        if (refused) throw new Error(`Redis refused a job of queue ${queue.name} with code ${refused.id}`);
      }
    },
    async close() {
      await Promise.all([...main.values(), ...suspects.values()].map((queue) => queue.close()));
    },
  };
}

/** Parts of a batch, none with more captures than that. */
function cutBatch(batch: NewBatch<AnyItem>, most = Number.POSITIVE_INFINITY): NewBatch<AnyItem>[] {
  const { batchId, items, delayMs } = batch;
  if (items.length <= most) return [batch];
  return Array.from({ length: Math.ceil(items.length / most) }, (_, index) => {
    const part = items.slice(index * most, (index + 1) * most);
    return { batchId: partId(batchId, part, "cut"), items: part, delayMs };
  });
}

function toJob(batch: NewBatch<AnyItem>) {
  const data: BatchJob<AnyItem> = { v: jobVersion, batchId: batch.batchId, items: batch.items };
  return {
    name: jobName(batch.items.length),
    data,
    opts: { ...jobOptions, jobId: batch.batchId, delay: batch.delayMs ?? 0 },
  };
}
