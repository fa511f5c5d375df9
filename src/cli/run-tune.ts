/** `briareus tune`: shows the tuning, or takes one step and waits until the workers follow. */
import { userInfo } from "node:os";
import type { Redis } from "ioredis";
import { readPools } from "../pipeline/pool-figures.ts";
import type { StageName } from "../pipeline/stages.ts";
import { mergeChange, type TuningChange } from "../pipeline/tuning/merge-change.ts";
import type { Tuning } from "../pipeline/tuning/tuning.ts";
import { TuningError } from "../pipeline/tuning/tuning-error.ts";
import { tuningStore } from "../pipeline/tuning/tuning-store.ts";
import { connectRedis } from "../redis/connection.ts";
import { knownLimits, poolsUnderChange, readDeployment } from "../scaling/deployment.ts";
import { createMeasure } from "../scaling/measure.ts";
import { previewChange } from "../scaling/preview.ts";
import { createContext } from "./context.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { previewTable } from "./preview-table.ts";
import { inWordsIfAway } from "./redis-away.ts";
import { type TuneOptions, type TuneStep, type TuneWrite, tuneStep } from "./tune-step.ts";
import { type Followers, logLines, staleWords, stepWords, tuningTable } from "./tuning-table.ts";

const shownEntries = 20;
const allEntries = 1_000;
const answerMs = 5_000;
const followMs = 4_000;
const lookAgainMs = 100;
/** Arrivals are what two readings differ by. */
const measuredMs = 1_000;

/** An answer for a terminal, and the same for programs. */
interface Answer {
  words: string;
  data: unknown;
}

/** @throws CommandError */
export async function runTune(stage: StageName | undefined, options: TuneOptions): Promise<void> {
  const step = tuneStep(stage, options);
  const { settings } = createContext("tune");
  // Whoever waits at a terminal is told, rather than kept.
  const overrides = { maxRetriesPerRequest: 2, commandTimeout: answerMs };
  const redis = connectRedis(settings.redisUrl, { role: "client", overrides });
  try {
    const { words, data } = await answer(step, { stage, options, redis, deadlineMs: settings.captures.deadlineMs });
    console.log(options.json ? JSON.stringify(data, null, 2) : words);
  } catch (error) {
    throw inOneSentence(error, step);
  } finally {
    redis.disconnect();
  }
}

interface Asked {
  stage: StageName | undefined;
  options: TuneOptions;
  redis: Redis;
  deadlineMs: number;
}

function answer(step: TuneStep, asked: Asked): Promise<Answer> {
  switch (step.kind) {
    case "show":
      return show(asked);
    case "log":
      return showLog(asked);
    case "dry-run":
      return dryRun(step.stages, asked);
    default:
      return write(step, asked);
  }
}

async function show({ redis, stage }: Asked): Promise<Answer> {
  const store = tuningStore(redis);
  const tuning = await store.read();
  const [pools, log] = await Promise.all([readDeployment(redis, Date.now()), store.log(allEntries)]);
  return { words: tuningTable({ tuning, pools, log, stage }, Date.now()), data: { tuning, pools } };
}

async function showLog({ redis }: Asked): Promise<Answer> {
  const entries = await tuningStore(redis).log(shownEntries);
  return { words: logLines(entries), data: entries };
}

async function dryRun(stages: TuningChange, { redis, deadlineMs }: Asked): Promise<Answer> {
  const measure = createMeasure(redis);
  await measure(Date.now());
  const { stages: before, version } = await tuningStore(redis).read();
  const pools = await readDeployment(redis, Date.now());
  const after = mergeChange(before, stages, knownLimits(pools));
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  const nowMs = Date.now();
  const preview = previewChange(poolsUnderChange(await measure(nowMs), pools, { before, after }), {
    deadlineMs,
    nowMs,
  });
  return { words: previewTable(preview, version), data: { version, ...preview } };
}

async function write(step: TuneWrite, { options, redis }: Asked): Promise<Answer> {
  const store = tuningStore(redis);
  const expectedVersion = options.fromVersion ?? (await store.read()).version;
  const common = { expectedVersion, who: whoAsks(), why: options.reason ?? "" };
  const defaults = knownLimits(await readDeployment(redis, Date.now()));
  const take = (): Promise<Tuning> => {
    if (step.kind === "change") return store.change({ ...common, stages: step.stages, trialMs: options.try, defaults });
    if (step.kind === "restore") return store.restore({ ...common, version: step.version, defaults });
    return store[step.kind](common);
  };
  const startedAtMs = Date.now();
  const tuning = await take();
  const workers = await untilFollowed(redis, tuning, startedAtMs);
  const entry = (await store.log(shownEntries)).find(({ version }) => version === tuning.version);
  return { words: stepWords(tuning, entry, workers, Date.now()), data: { ...tuning, workers } };
}

async function untilFollowed(redis: Redis, { version }: Tuning, startedAtMs: number): Promise<Followers> {
  for (;;) {
    const processes = (await readPools(redis, Date.now())).flatMap((pool) => pool.processes);
    const on = processes.filter(({ tuningVersion }) => tuningVersion >= version).length;
    const afterMs = Date.now() - startedAtMs;
    if (on === processes.length || afterMs > followMs) return { on, all: processes.length, afterMs };
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

function inOneSentence(error: unknown, step: TuneStep): unknown {
  if (error instanceof TuningError) {
    const stages = step.kind === "change" ? step.stages : {};
    const words = error.stale ? `${error.message}\n${staleWords(error.stale, stages)}` : error.message;
    return new CommandError(words, error.code === "invalid-tuning" ? exitCodes.usage : exitCodes.failed);
  }
  return inWordsIfAway(error);
}

function whoAsks(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return "command line"; // In a container this account may have no name.
  }
}
