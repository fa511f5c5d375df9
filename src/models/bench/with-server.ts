import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PythonEnvironment } from "../python/environment.ts";
import { startTriton, type TritonSource } from "../triton/start-triton.ts";
import { BenchError } from "./bench-error.ts";
import type { ServerUnderLoad } from "./bench-models.ts";

export interface OwnServer {
  repository: string;
  models: readonly string[];
  source?: TritonSource;
  ports: { grpcPort: number; httpPort: number; metricsPort: number };
  /** For Python models that need other packages than Triton's own. */
  python?: PythonEnvironment;
}

/** A broken connection shows sooner than the end of the process that held it. */
const deathNoticeMs = 1_000;
const diedWords = "Triton ended during the load test";

/**
 * Runs a Triton of our own for as long as `work` takes, and stops it however that ends.
 * @throws BenchError when the repository lacks a model, or Triton dies meanwhile; ModelToolError when it does not start
 */
export async function withTriton<Result>(
  { repository, models, source, ports, python }: OwnServer,
  how: { log: (line: string) => void; signal: AbortSignal },
  work: (server: ServerUnderLoad, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  await checkModels(repository, models);
  const triton = await startTriton({ repository, models, ...ports, python }, { source, ...how });
  const died = new AbortController();
  void triton.ended.then(() => died.abort(new BenchError(diedWords)));
  try {
    const { grpcAddress: address, description } = triton;
    how.log(`${description} serves ${models.join(", ")}`);
    return await work({ address, description }, AbortSignal.any([how.signal, died.signal]));
  } catch (error) {
    how.signal.throwIfAborted();
    // Whoever spoke to it fails first, in words of its own.
    if (await endsWithin(triton.pid, deathNoticeMs)) throw new BenchError(diedWords, { cause: error });
    throw error;
  } finally {
    await triton.stop();
  }
}

/** Whether the process is gone. What it started may live on for some seconds, and hold its output open. */
async function endsWithin(pid: number, limitMs: number): Promise<boolean> {
  const limit = AbortSignal.timeout(limitMs);
  while (!limit.aborted) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await sleep(50);
  }
  return false;
}

async function checkModels(repository: string, models: readonly string[]): Promise<void> {
  const root = resolve(repository);
  const names = await readdir(root).catch(() => {
    throw new BenchError(`${root}: no such folder; a model repository is a folder of models`);
  });
  const isModel = await Promise.all(names.map((name) => isFile(join(root, name, "config.pbtxt"))));
  const there = names.filter((_, index) => isModel[index]).toSorted();
  const missing = models.find((name) => !there.includes(name));
  if (missing === undefined) return;
  throw new BenchError(`${root} has no model "${missing}"; it has ${there.join(", ") || "none"}`);
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
