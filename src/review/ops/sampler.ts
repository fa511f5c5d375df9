/**
 * Measures the pipeline once a second, in one review process at a time:
 *
 *     not holder ──lease is free──► holder: measure ► assess ► write ──lease lost──► not holder
 *
 * What is remembered from second to second lies in what it writes, so that another process goes on where this one stopped.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { readIngress, readPools } from "../../pipeline/pool-figures.ts";
import { type StageName, stageNames } from "../../pipeline/stages.ts";
import { readTotals } from "../../pipeline/totals.ts";
import { readVerdictCounts } from "../../pipeline/verdict-counts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Models } from "../contract/ops.ts";
import { createDuty } from "../duty.ts";
import { type Assessment, assess } from "./assess.ts";
import { readSamples, sampleOf, stepMs, usualP95 } from "./history.ts";
import { holdLease, readState, releaseLease, writeState } from "./live-state.ts";
import type { ModelWatch } from "./model-watch.ts";
import { readPlan } from "./read-plan.ts";
import { createWindow, type Window } from "./window.ts";

export interface SamplerOptions {
  redis: Redis;
  models: ModelWatch;
  /** Captures older than this expire. */
  deadlineMs: number;
  log: Logger;
  now: () => number;
}

const everyMs = 1_000;
const failuresMs = 300_000;
const hourMs = 3_600_000;
const usualEveryMs = 60_000;

export function createSampler({ redis, models, deadlineMs, log, now }: SamplerOptions): Lifecycle {
  const owner = randomUUID();
  let term: Term | undefined;

  /** In the background: a model server that is away must not hold up the figures of the pools. */
  const askModels = (current: Term) => {
    if (current.asking) return;
    current.asking = true;
    void models.read().then((answer) => {
      current.models = answer;
      current.asking = false;
    });
  };

  const run = async () => {
    if (!(await holdLease(redis, owner))) {
      term = undefined;
      return;
    }
    term ??= await beginTerm(redis);
    const atMs = now();
    const [pools, ingress, totals, verdicts, plan] = await Promise.all([
      readPools(redis, atMs),
      readIngress(redis, atMs),
      readTotals(redis),
      readVerdictCounts(redis, failuresMs, atMs),
      readPlan(redis, atMs),
    ]);
    term.window.add({ atMs, pools, totals });
    if (atMs - term.usualAtMs >= usualEveryMs) {
      const samples = await readSamples(redis, atMs - hourMs, atMs);
      term.usual = Object.fromEntries(stageNames.map((stage) => [stage, usualP95(samples, stage) ?? undefined]));
      term.usualAtMs = atMs;
    }
    const { window, usual } = term;
    const facts = { atMs, pools, ingress, verdicts, plan, window, hourP95Ms: usual, deadlineMs };
    const assessment = assess(facts, term.memory);
    term.memory = assessment.memory;
    const step = Math.floor(atMs / stepMs);
    const due = step !== term.step;
    if (due) {
      term.step = step;
      askModels(term);
    }
    const sample = due ? sampleOf(assessment, term.models.models) : undefined;
    await writeState(redis, owner, { assessment, models: term.models }, sample);
  };

  const duty = createDuty({ name: "ops figures", everyMs, log, now, run });
  return {
    ...duty,
    async stop() {
      await duty.stop();
      models.close();
      // So that another process need not wait for it to run out.
      if (term) await releaseLease(redis, owner).catch(() => undefined);
    },
  };
}

/** What the holder of the lease keeps from round to round. */
interface Term {
  window: Window;
  memory: Assessment["memory"];
  models: Models;
  asking: boolean;
  /** Of the last sample. */
  step: number;
  usual: Partial<Record<StageName, number>>;
  usualAtMs: number;
}

async function beginTerm(redis: Redis): Promise<Term> {
  const last = await readState(redis);
  return {
    window: createWindow(),
    memory: last?.assessment.memory ?? {},
    models: last?.models ?? { at: null, models: [], problem: null },
    asking: false,
    // Whoever measured before has taken that step's sample.
    step: last ? Math.floor(last.assessment.atMs / stepMs) : Number.NEGATIVE_INFINITY,
    usual: {},
    usualAtMs: Number.NEGATIVE_INFINITY,
  };
}
