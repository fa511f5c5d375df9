/** The last hour in samples of five seconds, newest first in a Redis list, and as the columns that charts are drawn from. */
import type { Redis } from "ioredis";
import { z } from "zod";
import { keyPrefix } from "../../pipeline/queues.ts";
import type { StageName } from "../../pipeline/stages.ts";
import type { ModelFigures, OpsHistory, OpsPool, PoolHistory } from "../contract/ops.ts";
import type { Assessment } from "./assess.ts";

export const stepMs = 5_000;
export const mostSamples = 720;
export const historyKey = `${keyPrefix}:history`;

const known = z.number().nullable();
const PoolSample = z.object({
  oldestAgeMs: known,
  depth: known,
  wanted: known,
  running: known,
  min: known,
  max: known,
  goalMs: known,
  serviceP50Ms: known,
  serviceP95Ms: known,
  waitingP95Ms: known,
  busy: known,
});
const ModelSample = z.object({
  model: z.string(),
  version: z.string(),
  meanBatch: known,
  queueMs: known,
  computeMs: known,
});
const Sample = z.object({
  atMs: z.number(),
  flow: z.object({ in: known, clean: known, flagged: known, unprocessable: known, expired: known }),
  endToEndP95Ms: known,
  pools: z.record(z.enum(["fetch", "preprocess", "infer", "postprocess"]), PoolSample),
  models: z.array(ModelSample),
});
export type Sample = z.infer<typeof Sample>;

export function sampleOf(state: Omit<Assessment, "memory">, models: readonly ModelFigures[]): Sample {
  const { atMs, intake, verdicts, pools } = state;
  return {
    atMs,
    flow: { in: rounded(intake.perSecond), ...perKindRounded(verdicts.perSecond) },
    endToEndP95Ms: rounded(verdicts.endToEndP95Ms.value),
    pools: perStage((stage) => poolSample(pools.find((pool) => pool.stage === stage))),
    models: models.map(({ model, version, meanBatch, queueMs, computeMs }) => ({
      model,
      version,
      meanBatch: rounded(meanBatch),
      queueMs: rounded(queueMs),
      computeMs: rounded(computeMs),
    })),
  };
}

/** Oldest first. @param afterMs only those that were taken later */
export async function readSamples(redis: Redis, afterMs: number, nowMs: number): Promise<Sample[]> {
  // One more than the time says, for clocks that differ.
  const count = Math.min(mostSamples, Math.max(1, Math.ceil((nowMs - afterMs) / stepMs) + 1));
  const texts = await redis.lrange(historyKey, 0, count - 1);
  return texts
    .flatMap((text) => Sample.safeParse(JSON.parse(text)).data ?? [])
    .filter(({ atMs }) => atMs > afterMs && nowMs - atMs <= mostSamples * stepMs)
    .reverse();
}

export function toColumns(samples: readonly Sample[]): OpsHistory {
  const column = (of: (sample: Sample) => number | null) => samples.map(of);
  const pool = (stage: StageName): PoolHistory => {
    const field = (name: keyof z.infer<typeof PoolSample>) => column(({ pools }) => pools[stage][name]);
    return {
      oldestAgeMs: field("oldestAgeMs"),
      depth: field("depth"),
      wanted: field("wanted"),
      running: field("running"),
      min: field("min"),
      max: field("max"),
      goalMs: field("goalMs"),
      serviceP50Ms: field("serviceP50Ms"),
      serviceP95Ms: field("serviceP95Ms"),
      waitingP95Ms: field("waitingP95Ms"),
      busy: field("busy"),
    };
  };
  const flow = (name: keyof Sample["flow"]) => column((sample) => sample.flow[name]);
  return {
    stepMs,
    atMs: samples.map(({ atMs }) => atMs),
    flow: {
      in: flow("in"),
      clean: flow("clean"),
      flagged: flow("flagged"),
      unprocessable: flow("unprocessable"),
      expired: flow("expired"),
    },
    endToEndP95Ms: column(({ endToEndP95Ms }) => endToEndP95Ms),
    pools: perStage(pool),
    models: modelColumns(samples),
  };
}

/** What a pool's p95 usually was in these samples; null where it worked too little to have a usual one. */
export function usualP95(samples: readonly Sample[], stage: StageName): number | null {
  const values = samples.flatMap(({ pools }) => pools[stage].serviceP95Ms ?? []).sort((a, b) => a - b);
  return values.length < fewSamples ? null : (values[Math.floor(values.length / 2)] ?? null);
}

/** Five minutes of work. */
const fewSamples = 60;

function modelColumns(samples: readonly Sample[]): OpsHistory["models"] {
  const names = new Map(
    samples.flatMap(({ models }) => models.map(({ model, version }) => [`${model}\0${version}`, { model, version }])),
  );
  return [...names.values()].map(({ model, version }) => {
    const own = samples.map(({ models }) => models.find((each) => each.model === model && each.version === version));
    return {
      model,
      version,
      meanBatch: own.map((each) => each?.meanBatch ?? null),
      queueMs: own.map((each) => each?.queueMs ?? null),
      computeMs: own.map((each) => each?.computeMs ?? null),
    };
  });
}

function poolSample(pool: OpsPool | undefined): z.infer<typeof PoolSample> {
  const { replicas } = pool ?? {};
  return {
    oldestAgeMs: rounded(pool?.oldestAgeMs.value),
    depth: rounded(pool?.depth),
    wanted: replicas?.wanted ?? null,
    running: replicas?.running ?? null,
    min: replicas?.min ?? null,
    max: replicas?.max ?? null,
    goalMs: pool?.goalMs ?? null,
    serviceP50Ms: rounded(pool?.serviceMs.p50),
    serviceP95Ms: rounded(pool?.serviceMs.p95),
    waitingP95Ms: rounded(pool?.waitingP95Ms),
    busy: rounded(pool?.busy.value),
  };
}

const perKindRounded = ({ clean, flagged, unprocessable, expired }: Assessment["verdicts"]["perSecond"]) => ({
  clean: rounded(clean),
  flagged: rounded(flagged),
  unprocessable: rounded(unprocessable),
  expired: rounded(expired),
});

const perStage = <Value>(of: (stage: StageName) => Value): Record<StageName, Value> => ({
  fetch: of("fetch"),
  preprocess: of("preprocess"),
  infer: of("infer"),
  postprocess: of("postprocess"),
});

/** Three digits are more than a chart shows. */
const rounded = (value: number | null | undefined) => (value == null ? null : Number(value.toPrecision(3)));
