/** What a stage is bound by, and so what its pool scales with. */
export type Resource = "network" | "cpu" | "gpu" | "io";

export interface StageDefinition {
  queue: string;
  next: string | null;
  boundBy: Resource;
  /** Batches one process works on at a time. */
  concurrency: number;
  /** Attempts of one capture before it is rejected with the last reason. The one exit never gives up. */
  attempts: number;
  /** Base of the exponential back-off with jitter. */
  backoffMs: number;
  /** A job whose worker is silent for this long is given to another. */
  lockMs: number;
  /** Finished captures of a batch are handed on after this long, though others are still at work. */
  stragglerMs: number;
}

/** The pipeline is this one table; workers, ops page, autoscaler, chart and docs all read it. */
export const stages = {
  fetch: {
    queue: "fetch",
    next: "preprocess",
    boundBy: "network",
    concurrency: 8,
    attempts: 5,
    backoffMs: 500,
    lockMs: 5_000,
    stragglerMs: 2_500,
  },
  preprocess: {
    queue: "preprocess",
    next: "infer",
    boundBy: "cpu",
    concurrency: 2,
    attempts: 3,
    backoffMs: 200,
    lockMs: 5_000,
    stragglerMs: 60_000,
  },
  infer: {
    queue: "infer",
    next: "postprocess",
    boundBy: "gpu",
    concurrency: 4,
    attempts: 5,
    backoffMs: 500,
    lockMs: 5_000,
    stragglerMs: 60_000,
  },
  postprocess: {
    queue: "postprocess",
    next: null,
    boundBy: "io",
    concurrency: 8,
    attempts: Number.POSITIVE_INFINITY,
    backoffMs: 500,
    lockMs: 5_000,
    stragglerMs: 60_000,
  },
} as const satisfies Record<string, StageDefinition>;

export type StageName = keyof typeof stages;

export const stageNames = Object.keys(stages) as StageName[];
