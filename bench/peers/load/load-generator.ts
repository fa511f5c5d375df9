import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";

/** Where captures go: to a service that answers each, or through topics. */
export type Target = { kind: "http"; url: string } | { kind: "pubsub"; projectId: string };

export interface Load {
  perSecond: number;
  seconds: number;
  seed: number;
  /** What is unanswered so long after the last arrival has failed. */
  giveUpMs: number;
}

const Latency = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });
const LoadResult = z.object({
  offeredPerSecond: z.number(),
  answeredPerSecond: z.number(),
  latencyMs: Latency,
  failed: z.number(),
  captures: z.number(),
  sustained: z.boolean(),
  generatorCpuMs: z.number(),
});
export type LoadResult = z.infer<typeof LoadResult>;

export interface LoadGenerator {
  run(load: Load): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** @param env for a process of its own: PUBSUB_EMULATOR_HOST, where captures go through topics */
export async function startLoadGenerator(
  target: Target,
  pictureAddress: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LoadGenerator> {
  const program = new URL("load-process.ts", import.meta.url);
  const child = fork(program, [JSON.stringify(target), pictureAddress], { env });
  await untilMessage(child);
  return {
    async run(load) {
      child.send(load);
      return LoadResult.parse(await untilMessage(child));
    },
    stop: () => end(child),
  };
}

/** @returns HOST:PORT of a host of the benchmark's pictures */
export async function startPictureHost(): Promise<{ address: string; pid: number; stop(): Promise<void> }> {
  const child = fork(new URL("picture-process.ts", import.meta.url));
  const address = z.string().parse(await untilMessage(child));
  return { address, pid: child.pid ?? 0, stop: () => end(child) };
}

async function untilMessage(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const gone = once(child, "exit", waiting).then(() => Promise.reject(new Error("the load generator ended")));
  gone.catch(() => undefined);
  try {
    const [message] = await Promise.race([once(child, "message", waiting), gone]);
    return message;
  } finally {
    waiting.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.disconnect();
  await gone;
}
