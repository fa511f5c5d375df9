/** An hour of a pipeline at work, as Ops would have seen it: infer was late twice, and somebody tuned it. */
import { stageNames } from "../../src/pipeline/stages.ts";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { addVerdictCounts } from "../../src/pipeline/verdict-counts.ts";
import { historyKey, type Sample, stepMs } from "../../src/review/ops/history.ts";
import { idle, limits } from "../scaling.ts";
import { type OpsSite, steadyPools } from "./ops-site.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Fills the hour until now: samples, changes, failures, and what the scaler wants. */
export async function fillOpsShift(ops: OpsSite): Promise<void> {
  const nowMs = Date.now();
  const newestMs = Math.floor(nowMs / stepMs) * stepMs;
  const samples = Array.from({ length: hourMs / stepMs - 24 }, (_, at) => sampleAt(newestMs - at * stepMs, nowMs));
  // Newest first; what the service itself has measured stays in front.
  await ops.redis.rpush(historyKey, ...samples.map((sample) => JSON.stringify(sample)));
  await tuneAsBefore(ops, nowMs);
  const pipeline = ops.redis.pipeline();
  for (const agoMs of [0, 20, 40].map((minutes) => minutes * minuteMs)) {
    const counts = [
      { verdict: "clean", reason: null, count: 58_000 },
      { verdict: "flagged", reason: null, count: 960 },
      { verdict: "unprocessable", reason: "not-found", count: 96 },
      { verdict: "unprocessable", reason: "image-corrupt", count: 45 },
    ] as const;
    addVerdictCounts(pipeline, counts, nowMs - agoMs);
  }
  await pipeline.exec();
  await decide(ops, nowMs);
}

/** How late infer was, in 0..1: half an hour ago, and again in the last minute. */
function lateness(agoMs: number): number {
  const minutes = agoMs / minuteMs;
  if (minutes < 1) return 1 - minutes;
  return minutes > 28 && minutes < 34 ? Math.sin(((minutes - 28) / 6) * Math.PI) : 0;
}

const running = { fetch: 2, preprocess: 3, infer: 2, postprocess: 1 };
const most = { fetch: 8, preprocess: 6, infer: 4, postprocess: 4 };

function sampleAt(atMs: number, nowMs: number): Sample {
  const agoMs = nowMs - atMs;
  const wave = (slow: number) => Math.sin(atMs / (slow * 17_000)) + Math.sin(atMs / (slow * 5_300)) / 2;
  const late = lateness(agoMs);
  const pool = (stage: (typeof stageNames)[number], at: number) => {
    const { active, workMs } = steadyPools[stage];
    const own = stage === "infer" ? late : 0;
    const helped = stage === "infer" && agoMs > 28 * minuteMs && agoMs < 32 * minuteMs ? 1 : 0;
    return {
      oldestAgeMs: Math.round(180 + 60 * at + 40 * wave(at + 1) + 3_900 * own),
      depth: Math.round(70 - 12 * at + 12 * wave(at + 2) + 560 * own),
      wanted: running[stage] + helped,
      running: running[stage] + helped,
      min: 1,
      max: most[stage],
      goalMs: 3_000,
      serviceP50Ms: workMs * (1 + 0.02 * wave(at + 3)),
      serviceP95Ms: workMs * (1.1 + 0.03 * wave(at + 1)),
      waitingP95Ms: 260 + 30 * wave(at + 2) + 3_600 * own,
      busy: Math.min(1, active / 4 + 0.01 * wave(at + 1) + 0.24 * own),
    };
  };
  const come = 200 + 8 * wave(4);
  return {
    atMs,
    flow: { in: come, clean: come * (0.98 - 0.25 * late), flagged: come * 0.016, unprocessable: 0.5, expired: 0 },
    endToEndP95Ms: 1_300 + 3_800 * late,
    pools: {
      fetch: pool("fetch", 0),
      preprocess: pool("preprocess", 1),
      infer: pool("infer", 2),
      postprocess: pool("postprocess", 3),
    },
    models: [],
  };
}

async function tuneAsBefore({ redis }: OpsSite, nowMs: number): Promise<void> {
  const at = (minutes: number) => tuningStore(redis, () => nowMs - minutes * minuteMs);
  const who = "Kim of ops";
  const trialMs = 5 * minuteMs;
  await at(50).change({
    expectedVersion: 0,
    stages: { infer: { max: 2 } },
    trialMs,
    who,
    why: "one GPU is enough now",
  });
  await at(44).read();
  const more = { who, why: "mean batch is 3, the GPU has room" };
  await at(33).change({ expectedVersion: 2, stages: { infer: { batch: 16 } }, trialMs, ...more });
  await at(31).keep({ expectedVersion: 3, who, why: "the age is under the goal" });
}

/** What the scaler would have written a moment ago. */
async function decide({ redis }: OpsSite, nowMs: number): Promise<void> {
  const pools = stageNames.map((stage) => ({
    stage,
    replicas: running[stage] + (stage === "infer" ? 2 : 0),
    limits: { ...limits, max: most[stage] },
    reason: stage === "infer" ? "age 4.1 s over the 3 s goal: 2 → 4" : `${running[stage]} do at 200/s`,
    saturated: false,
    history: { sinceMs: nowMs, wanted: [], raisedAtMs: nowMs },
    load: idle,
  }));
  const record = { v: 1, atMs: nowMs, driver: "local", by: "this machine", pools };
  await redis.set("briareus:scaling", JSON.stringify(record), "PX", 60_000);
}
