/**
 * A real Triton as a child process:
 *
 *     starting ──ready──► serving ──stop, or it dies──► ended
 *        └──a model does not load, a port is taken──► ended, with what Triton said
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { guarded } from "../guarded.ts";
import { ModelToolError } from "../model-tool-error.ts";
import { dockerAnswers, tritonOfImage } from "./triton-of-image.ts";
import { tritonOfWheel } from "./triton-of-wheel.ts";
import type { TritonOptions, TritonProgram } from "./triton-program.ts";

/** auto: the official image where Docker answers, else the wheel. */
export const tritonSources = ["auto", "image", "wheel"] as const;
export type TritonSource = (typeof tritonSources)[number];

/** What BRIAREUS_TRITON_SOURCE asks for. @throws ModelToolError where it is none of them */
export function tritonSource(env: NodeJS.ProcessEnv = process.env): TritonSource {
  const asked = env.BRIAREUS_TRITON_SOURCE || "auto";
  const source = tritonSources.find((each) => each === asked);
  if (source) return source;
  throw new ModelToolError(`BRIAREUS_TRITON_SOURCE is "${asked}": it must be one of ${tritonSources.join(", ")}`);
}

export interface Triton {
  description: string;
  /** HOST:PORT of the KServe v2 gRPC service. */
  grpcAddress: string;
  httpAddress: string;
  metricsAddress: string;
  /** Its guard: SIGTERM reaches the server. */
  pid: number;
  /** Resolves when it has ended, asked or not. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Lets running requests finish, then ends; kills it after `limitMs`, 15 s unless said. */
  stop(limitMs?: number): Promise<void>;
}

export interface HowToStart {
  /** BRIAREUS_TRITON_SOURCE, else auto, unless said. */
  source?: TritonSource;
  /** Progress for people, and each line that Triton prints. */
  log?: (line: string) => void;
  output?: (line: string) => void;
  signal?: AbortSignal;
}

/** Large models on slow disks take long; a server that hangs must not be waited for for ever. */
const startLimitMs = 300_000;

/**
 * Starts Triton and waits until every model is ready.
 * @throws ModelToolError with what Triton said where a model does not load, or where no Triton can be had
 */
export async function startTriton(
  wanted: Omit<TritonOptions, "host"> & { host?: string },
  how: HowToStart = {},
): Promise<Triton> {
  const repository = resolve(wanted.repository);
  const models = wanted.models ?? (await modelsIn(repository));
  const host = wanted.host ?? "127.0.0.1";
  const plan = await programFor({ ...wanted, repository, models, host }, how);
  const { program, args } = guarded(plan.program, plan.args, plan.orphanSignal);
  const child = spawn(program, args, { env: plan.env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const complaints: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on("line", (line) => {
      if (/^E\d|ERROR|^error:|^docker:/.test(line) && !line.includes("CudaDriverHelper"))
        complaints.push(line.replace(/^E\d+ [\d:.]+ \d+ \S+\] |^\[libprotobuf ERROR \S+\] /, ""));
      how.output?.(line);
    });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const stop = async (limitMs = 15_000) => {
    child.kill("SIGTERM");
    const killer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), limitMs);
    await ended;
    clearTimeout(killer);
  };
  const failed = ended.then(({ code, signal }) => {
    const said = complaints.length > 0 ? `:\n${complaints.slice(-6).join("\n")}` : "";
    throw new ModelToolError(`Triton ended while it started (${signal ?? `exit code ${code}`})${said}`);
  });
  failed.catch(() => undefined);
  const httpAddress = `${host}:${wanted.httpPort}`;
  try {
    await Promise.race([untilReady(httpAddress, how.signal), failed]);
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null) await stop(0);
    throw error;
  }
  return {
    description: plan.description,
    grpcAddress: `${host}:${wanted.grpcPort}`,
    httpAddress,
    metricsAddress: `${host}:${wanted.metricsPort}`,
    pid: child.pid ?? 0,
    ended,
    stop,
  };
}

/**
 * Downloads what a Triton of our own needs, unless it is there.
 * @throws ModelToolError
 */
export async function prepareTriton(how: HowToStart): Promise<void> {
  const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0, metricsPort: 0 };
  await programFor({ repository: ".", models: [], ...ports }, how);
}

async function programFor(
  options: TritonOptions & { models: readonly string[] },
  { source = tritonSource(), log = () => undefined, signal }: HowToStart,
): Promise<TritonProgram> {
  if (source === "wheel" || (source === "auto" && !(await dockerAnswers(signal))))
    return await tritonOfWheel(options, { log, signal });
  return await tritonOfImage(options, { log, signal }).catch((error: unknown) => {
    if (source === "image" || !(error instanceof ModelToolError)) throw error;
    log(`${error.message}\nTaking the Triton of the Python package instead`);
    return tritonOfWheel(options, { log, signal });
  });
}

async function modelsIn(repository: string): Promise<string[]> {
  const names = await readdir(repository).catch(() => {
    throw new ModelToolError(`${repository}: no such folder; a model repository is a folder of models`);
  });
  const isModel = await Promise.all(names.map((name) => isFile(join(repository, name, "config.pbtxt"))));
  const models = names.filter((_, index) => isModel[index]).toSorted();
  if (models.length > 0) return models;
  throw new ModelToolError(`${repository} holds no model: each is a folder with a config.pbtxt, and 1/model.onnx`);
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function untilReady(httpAddress: string, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(startLimitMs);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  for (;;) {
    const ready = await fetch(`http://${httpAddress}/v2/health/ready`, {
      // A connection that is kept would hold up the end of a server that dies soon after.
      headers: { connection: "close" },
      signal: AbortSignal.timeout(2_000),
    }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    signal?.throwIfAborted();
    if (limit.aborted) throw new ModelToolError(`Triton was not ready within ${startLimitMs / 1000} s`);
    await sleep(100, undefined, { signal: either }).catch(() => undefined);
  }
}
