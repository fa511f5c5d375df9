/**
 * `briareus up`: starts the local system and the demo streams, shows what happens, and ends when asked or done.
 *
 *     starting ──► publishing ──(count or time reached)──► waiting for verdicts ──► stopping
 *                      └──Ctrl-C───────────────────────────────────────────────────────┘
 */
import type { Redis } from "ioredis";
import { loadSettings, type Settings } from "../config/settings.ts";
import { type Autoscaler, startAutoscaler } from "../local/autoscaler.ts";
import { LocalSystemError } from "../local/local-system-error.ts";
import { type LocalSystem, startLocalSystem } from "../local/system.ts";
import { tallyVerdicts, type VerdictTally } from "../local/verdict-tally.ts";
import { ModelToolError } from "../models/model-tool-error.ts";
import { prepareTriton, tritonSource } from "../models/triton/start-triton.ts";
import { readPools } from "../pipeline/pool-figures.ts";
import { ensureTopics } from "../producer/ingress/subscription.ts";
import { connectRedis } from "../redis/connection.ts";
import { createLogger } from "../telemetry/logger.ts";
import { type DemoStreams, startDemo } from "./demo.ts";
import { createDisplay, type Display } from "./display.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { stopSignal } from "./stop-signal.ts";

export interface UpOptions {
  streams: number;
  fps: number;
  captures?: number;
  for?: number;
  demo: boolean;
  autoscale?: boolean;
  burst?: boolean;
  triton?: boolean;
  json?: boolean;
}

const refreshMs = 500;
/** Beyond its deadline and ingress's grace a capture gets this long before it counts as lost. */
const patienceMs = 30_000;

/** @returns the exit code */
export async function runUp(options: UpOptions): Promise<number> {
  const display = createDisplay(options.json ? "json" : process.stdout.isTTY ? "board" : "lines");
  const interrupted = stopSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  process.stdout.on("error", () => undefined); // The terminal may be gone before all has stopped.
  const broken = Promise.withResolvers<never>();
  const system = await startSystem(options, display, (message) => broken.reject(new CommandError(message)));
  const cleanups: (() => unknown)[] = [() => system.stop()];
  try {
    const settings = useEnvironment(system);
    const console = settings.review.url;
    if (console) display.note(`Review console: ${console}`);
    await Promise.race([untilPubSubAnswers(() => ensureTopics(settings.pubsub)), broken.promise, interrupted]);
    const verdicts = await tallyVerdicts(settings.pubsub);
    cleanups.unshift(() => verdicts.close());
    const redis = connectRedis(settings.redisUrl, {
      role: "client",
      log: createLogger({ level: "silent", role: "up" }),
    });
    cleanups.unshift(() => redis.disconnect());
    const autoscaler = options.autoscale ? startScaling(system, redis, display) : undefined;
    if (autoscaler) cleanups.unshift(() => autoscaler.stop());
    const startedAtMs = Date.now();
    const demo = options.demo ? await startDemo(options, settings, verdicts.expect) : undefined;
    if (demo) cleanups.unshift(() => demo.stop());

    const shown = { redis, verdicts, demo, system, autoscaler, startedAtMs, console };
    const refresh = setInterval(() => show(display, shown), refreshMs);
    cleanups.unshift(() => clearInterval(refresh));
    const ending = untilDone(options, settings, { demo, verdicts, display });
    const how = await Promise.race([interrupted, ending, broken.promise]);
    const missing = how === "done" ? verdicts.missing() : [];
    await show(display, shown);
    display.summary({ verdicts, published: demo?.published() ?? 0, missing, startedAtMs, logFolder: system.logFolder });
    return missing.length > 0 ? exitCodes.incomplete : exitCodes.ok;
  } finally {
    for (const cleanUp of cleanups) await cleanUp();
    display.close();
  }
}

async function startSystem(
  { triton }: UpOptions,
  display: Display,
  fail: (message: string) => void,
): Promise<LocalSystem> {
  try {
    if (triton && !process.env.TRITON_URL)
      await prepareTriton({ source: tritonSource(), log: (line) => display.note(line) });
    return await startLocalSystem(process.env, {
      review: true,
      triton,
      watch: {
        restarted: (name, restarts, how) =>
          display.note(`${name} ended (${how}) and is started again (restart ${restarts})`),
        hopeless: (name, how) => fail(`${name} cannot start (${how}): see its log in .briareus/logs/${name}.log`),
      },
    });
  } catch (error) {
    if (error instanceof LocalSystemError || error instanceof ModelToolError) throw new CommandError(error.message);
    throw error;
  }
}

function startScaling({ pools }: LocalSystem, redis: Redis, display: Display): Autoscaler {
  return startAutoscaler({
    redis,
    pools,
    scaled: ({ stage, reason }) => display.note(`${stage}: ${reason}`),
    log: createLogger({ level: "silent", role: "up" }),
  });
}

/** Makes this process take part in the system: Google's client reads the emulator's address from its environment. */
function useEnvironment(system: LocalSystem): Settings {
  Object.assign(process.env, system.environment);
  if (process.env.PUBSUB_EMULATOR_HOST) process.env.METADATA_SERVER_DETECTION ??= "none";
  return loadSettings(process.env);
}

async function untilPubSubAnswers(ask: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const code = (error as { code?: number }).code;
      if (code !== 14 && code !== 4) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Resolves when publishing has ended and every published capture has its verdict, or none can come any more. */
async function untilDone(
  options: UpOptions,
  settings: Settings,
  { demo, verdicts, display }: { demo?: DemoStreams; verdicts: VerdictTally; display: Display },
): Promise<"done"> {
  if (options.captures === undefined && options.for === undefined) {
    await demo?.done; // It throws when nothing can be published.
    return new Promise(() => undefined);
  }
  if (options.for !== undefined) setTimeout(() => demo?.finish(), options.for).unref();
  if (!demo) {
    await new Promise((resolve) => setTimeout(resolve, options.for));
    return "done";
  }
  await demo.done;
  display.note(`${demo.published()} captures published, waiting for the last verdicts`);
  const limitMs = Date.now() + settings.captures.deadlineMs + settings.captures.graceMs + patienceMs;
  while (verdicts.missing().length > 0 && Date.now() < limitMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return "done";
}

interface Shown {
  redis: Redis;
  verdicts: VerdictTally;
  demo?: DemoStreams;
  system: LocalSystem;
  autoscaler?: Autoscaler;
  startedAtMs: number;
  console: string | undefined;
}

async function show(display: Display, shown: Shown): Promise<void> {
  const { redis, verdicts, demo, system, autoscaler, startedAtMs, console } = shown;
  // While Redis is away there is nothing to show of the pools; what else is known is shown all the same.
  const answer = redis.status === "ready" ? await readPools(redis, Date.now()).catch(() => []) : [];
  const restarts = system.processes.reduce((sum, process) => sum + process.restarts(), 0);
  display.state({
    pools: answer,
    verdicts,
    published: demo?.published() ?? 0,
    restarts,
    seconds: (Date.now() - startedAtMs) / 1000,
    console,
    scaling: (autoscaler?.decisions() ?? []).map(({ stage, replicas, reason }) => ({ stage, replicas, reason })),
  });
}
