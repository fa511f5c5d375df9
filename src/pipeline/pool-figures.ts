/** What the worker processes of each pool say of themselves, and what lies on its queues. */
import type { Redis } from "ioredis";
import { z } from "zod";
import { capturesOf, depthFunction, type Lot, QueueDepth } from "./queue-depth.ts";
import { keyPrefix, suspectsOf } from "./queues.ts";
import { keepReporting, readReports } from "./reports.ts";
import { StageFigures } from "./stage-meter.ts";
import { type StageName, stageNames, stages } from "./stages.ts";
import type { Counted } from "./totals.ts";
import { type TunedStages, Tuning, tuningAt } from "./tuning/tuning.ts";
import { tuningKey } from "./tuning/tuning-store.ts";

const keyOf = (stage: StageName) => `${keyPrefix}:pool:${stage}`;
/** Per stage the last figures of any process that has worked: what a pool without workers is measured by. */
const lastKey = `${keyPrefix}:pool-last`;
const ingressKey = `${keyPrefix}:ingress`;
/** An ingress that holds this share of what it may keeps messages back in Pub/Sub, or is about to. */
const fullShare = 0.9;

/** Writes this process's figures every second; the returned function ends that and takes them away. */
export function reportFigures(
  redis: Redis,
  stage: StageName,
  processId: string,
  figures: () => StageFigures,
  counted?: () => Counted,
) {
  return keepReporting(redis, keyOf(stage), processId, () => {
    const now = figures();
    return {
      report: now,
      alsoWrite: now.batches > 0 ? { key: lastKey, field: stage } : undefined,
      counted: counted?.(),
    };
  });
}

const IngressFigures = z.object({
  held: z.number(),
  maxHeld: z.number(),
  /** Captures per batch, before tuning; 0: not known. */
  batchSize: z.number().default(0),
  atMs: z.number(),
});
type IngressFigures = z.infer<typeof IngressFigures>;

/** Writes every second how many captures an ingress process holds, of how many it may. */
export function reportHeld(
  redis: Redis,
  ingressId: string,
  figures: () => z.input<typeof IngressFigures>,
  counted?: () => Counted,
) {
  return keepReporting(redis, ingressKey, ingressId, () => ({ report: figures(), counted: counted?.() }));
}

/** What the ingress processes that live say of themselves. */
export async function readIngress(redis: Redis, nowMs: number): Promise<IngressFigures[]> {
  return readReports(await redis.hvals(ingressKey), IngressFigures, nowMs);
}

export interface PoolFigures {
  stage: StageName;
  waitingBatches: number;
  activeBatches: number;
  delayedBatches: number;
  suspects: number;
  /** What the batches above hold; of a long queue an estimate. */
  captures: { waiting: number; active: number; later: number; suspects: number };
  /** How long the oldest that could be taken has waited. */
  oldestAgeMs: number;
  /** By its queue's own flag, or by tuning. */
  paused: boolean;
  /** Captures come slower than they are published: an ingress is full, and more waits in Pub/Sub. Only fetch's. */
  keptBack: boolean;
  /** Batches ever put on the queue; lower than before when Redis lost its data. */
  addedBatches: number;
  capturesPerBatch: number;
  processes: StageFigures[];
  /** The last figures of a process that has worked, though it be gone. */
  last: StageFigures | undefined;
}

/** Depths and reports of all pools. KEYS: per pool its queue, the suspects' queue, its reports; ARGV: now, keys of the last figures, the ingresses' and the tuning. */
const script = `${depthFunction}
local pools = {}
for index = 1, #KEYS, 3 do
  local stage = string.match(KEYS[index], '[^:]+$')
  local depths = { main = depth(KEYS[index], tonumber(ARGV[1])), suspects = depth(KEYS[index + 1], tonumber(ARGV[1])) }
  local last = redis.call('HGET', ARGV[2], stage) or ''
  pools[#pools + 1] = { cjson.encode(depths), last, redis.call('HVALS', KEYS[index + 2]) }
end
return { pools, redis.call('HVALS', ARGV[3]), redis.call('GET', ARGV[4]) or '' }
`;

const Depths = z.object({ main: QueueDepth, suspects: QueueDepth });
const Reports = z.array(z.string());
const PoolReply = z.tuple([z.string(), z.string(), Reports]);
const Reply = z.tuple([z.array(PoolReply).length(stageNames.length), Reports, z.string()]);

/** The state of every pool, in one call whose cost does not grow with the queues. */
export async function readPools(redis: Redis, nowMs: number): Promise<PoolFigures[]> {
  const keys = stageNames.flatMap((stage) => [
    `${keyPrefix}:${stages[stage].queue}`,
    `${keyPrefix}:${suspectsOf(stage)}`,
    keyOf(stage),
  ]);
  const reply = await redis.eval(script, keys.length, ...keys, nowMs, lastKey, ingressKey, tuningKey);
  const [pools, held, tuning] = Reply.parse(reply);
  const tuned = tunedStages(tuning, nowMs);
  const full = readReports(held, IngressFigures, nowMs).some((each) => each.held >= fullShare * each.maxHeld);
  return stageNames.flatMap((stage, index) => {
    const pool = pools[index];
    if (!pool) return [];
    const figures = figuresOf(pool, nowMs);
    const paused = figures.paused || tuned[stage]?.paused === true;
    return [{ ...figures, stage, paused, keptBack: full && index === 0 }];
  });
}

/** Nothing where it cannot be read: those whose it is say so. */
function tunedStages(text: string, nowMs: number): TunedStages {
  try {
    return text === "" ? {} : tuningAt(Tuning.parse(JSON.parse(text)), nowMs).stages;
  } catch {
    return {};
  }
}

function figuresOf([depths, last, reports]: z.infer<typeof PoolReply>, nowMs: number) {
  const { main, suspects } = Depths.parse(JSON.parse(depths));
  const known = last === "" ? undefined : StageFigures.safeParse(JSON.parse(last)).data;
  const perBatch = perJob(main.waiting) ?? perJob(main.prioritised) ?? known?.capturesPerBatch ?? 1;
  const sum = (...lots: Lot[]) => lots.reduce((total, lot) => total + capturesOf(lot, perBatch), 0);
  const jobs = ({ waiting, prioritised }: QueueDepth) => waiting.jobs + prioritised.jobs;
  return {
    waitingBatches: jobs(main),
    activeBatches: main.active.jobs,
    delayedBatches: main.due.jobs + main.later.jobs,
    suspects: jobs(suspects),
    captures: {
      waiting: sum(main.waiting, main.prioritised, main.due),
      active: sum(main.active),
      later: sum(main.later),
      suspects: sum(suspects.waiting, suspects.prioritised, suspects.due, suspects.active, suspects.later),
    },
    oldestAgeMs: Math.max(main.oldestAgeMs, suspects.oldestAgeMs),
    paused: main.paused,
    addedBatches: main.added,
    capturesPerBatch: perBatch,
    processes: readReports(reports, StageFigures, nowMs),
    last: known,
  };
}

const perJob = ({ read, captures }: Lot) => (read === 0 ? undefined : captures / read);
