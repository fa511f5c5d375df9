import type { ModelConfig } from "../inference/protocol.ts";
import { type BatchingPolicy, chooseBatch, type WaitingRequest } from "./choose-batch.ts";
import type { DatatypeName } from "./datatypes.ts";
import type { InferWork } from "./infer-request.ts";
import { cancelled, queueFull } from "./serving-error.ts";
import type { ThreadTensor } from "./session-thread.ts";
import type { SessionThreads } from "./session-threads.ts";
import { createStatistics, type Statistics } from "./statistics.ts";

/**
 * Rows computed at a time. On a CPU one picture at a time costs least: the activations of larger runs leave the
 * core's cache (MobileNet v2, ms CPU a picture: 8.0 at 1 and 2 rows, 8.9 at 4, 9.8 at 16).
 */
const rowsPerRun = 1;

export interface OutputTensor {
  name: string;
  datatype: DatatypeName;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** A run that can be started now. */
export type Run = () => Promise<void>;

/** One loaded version of a model: its queue, its batches and its statistics. */
export interface ModelVersion {
  readonly config: ModelConfig;
  readonly version: string;
  /** Key of its sessions on the threads. */
  readonly session: string;
  readonly statistics: Statistics;
  /** Requests that wait in the queue. */
  pending(): number;
  /** @throws ServingError when the queue is full, the request was cancelled, or the model fails */
  infer(work: InferWork, signal: AbortSignal): Promise<OutputTensor[]>;
  /** The next run, how long to wait for one, or nothing when nobody waits. */
  nextRun(): Run | { waitMs: number } | undefined;
  /** Resolves when no request waits or is computed. */
  drained(): Promise<void>;
}

interface Request extends WaitingRequest {
  work: InferWork;
  /** Outputs by run, in order of the rows. */
  parts: ThreadTensor[][];
  runsLeft: number;
  startedAtMs: number;
  inputMs: number;
  computeMs: number;
  settled: boolean;
  resolve(outputs: OutputTensor[]): void;
  reject(error: Error): void;
}

export function createModelVersion(options: {
  config: ModelConfig;
  version: string;
  session: string;
  threads: SessionThreads;
  /** Called when a request has come in. */
  onWork: () => void;
}): ModelVersion {
  const { config, version, session, threads, onWork } = options;
  const policy = policyOf(config);
  /** Whether tensors have a batch dimension in front. */
  const isBatched = config.max_batch_size > 0;
  const maxQueue = config.dynamic_batching?.default_queue_policy?.max_queue_size || Number.POSITIVE_INFINITY;
  const statistics = createStatistics();
  const queue: Request[] = [];
  const runs: Run[] = [];
  const unfinished = new Set<Request>();
  let whenEmpty: (() => void)[] = [];

  const settle = (request: Request, finish: () => void) => {
    if (request.settled) return;
    request.settled = true;
    finish();
    unfinished.delete(request);
    if (unfinished.size > 0) return;
    for (const resolve of whenEmpty) resolve();
    whenEmpty = [];
  };

  const fail = (request: Request, error: Error, reason: "CANCELED" | "BACKEND") =>
    settle(request, () => {
      statistics.failed(reason, performance.now() - request.sinceMs);
      request.reject(error);
    });

  const startBatch = (requests: Request[]) => {
    const startedAtMs = performance.now();
    const batch = { rows: 0, runsLeft: 0, inputMs: 0, computeMs: 0, outputMs: 0 };
    for (const request of requests) {
      const slices = slicesOf(request.rows, isBatched ? rowsPerRun : request.rows);
      request.startedAtMs = startedAtMs;
      request.runsLeft = slices.length;
      batch.rows += request.rows;
      batch.runsLeft += slices.length;
      slices.forEach((slice, index) => {
        runs.push(async () => {
          await runSlice(request, slice, index);
          if (--batch.runsLeft > 0 || requests.every((request) => request.computeMs === 0)) return;
          for (const { inputMs, computeMs } of requests) {
            batch.inputMs += inputMs;
            batch.computeMs += computeMs;
          }
          statistics.executed(batch.rows, batch);
        });
      });
    }
  };

  const runSlice = async (request: Request, slice: Slice, index: number) => {
    if (request.settled) return;
    try {
      const beganAtMs = performance.now();
      const inputs = request.work.inputs.map((input) => threadTensorOf(input, slice, isBatched));
      request.inputMs += performance.now() - beganAtMs;
      const { outputs, computeMs } = await threads.run(session, inputs, [...request.work.outputs]);
      request.computeMs += computeMs;
      request.parts[index] = outputs;
      if (--request.runsLeft === 0) finish(request);
    } catch (error) {
      fail(request, error instanceof Error ? error : new Error(String(error)), "BACKEND");
    }
  };

  const finish = (request: Request) =>
    settle(request, () => {
      const beganAtMs = performance.now();
      const outputs = joined(request.parts, isBatched ? request.rows : undefined);
      const nowMs = performance.now();
      statistics.succeeded({
        rows: request.rows,
        queueMs: request.startedAtMs - request.sinceMs,
        inputMs: request.inputMs,
        computeMs: request.computeMs,
        outputMs: nowMs - beganAtMs,
        totalMs: nowMs - request.sinceMs,
      });
      request.resolve(outputs);
    });

  return {
    config,
    version,
    session,
    statistics,
    pending: () => queue.length,
    infer: (work, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(cancelled());
        if (queue.length >= maxQueue) {
          statistics.failed("REJECTED", 0);
          return reject(queueFull());
        }
        const request: Request = {
          work,
          rows: work.rows,
          shape: JSON.stringify(work.inputs.map((input) => input.rowDims)),
          sinceMs: performance.now(),
          startedAtMs: 0,
          inputMs: 0,
          computeMs: 0,
          parts: [],
          runsLeft: 0,
          settled: false,
          resolve,
          reject,
        };
        queue.push(request);
        unfinished.add(request);
        signal.addEventListener("abort", () => {
          const at = queue.indexOf(request);
          if (at >= 0) queue.splice(at, 1);
          fail(request, cancelled(), "CANCELED");
        });
        onWork();
      }),
    nextRun: () => {
      if (runs.length === 0) {
        const choice = chooseBatch(queue, policy, performance.now());
        if (!choice || "waitMs" in choice) return choice;
        startBatch(queue.splice(0, choice.requests));
      }
      return runs.shift();
    },
    drained: () =>
      new Promise((resolve) => {
        if (unfinished.size === 0) resolve();
        else whenEmpty.push(resolve);
      }),
  };
}

function policyOf(config: ModelConfig): BatchingPolicy {
  const batching = config.dynamic_batching;
  return {
    // Without dynamic batching each request is a batch of its own, though it may have several rows.
    maxRows: batching ? config.max_batch_size : 0,
    preferredRows: batching?.preferred_batch_size ?? [],
    maxDelayMs: (batching?.max_queue_delay_microseconds ?? 0) / 1000,
  };
}

interface Slice {
  from: number;
  to: number;
}

function slicesOf(rows: number, rowsPerSlice: number): Slice[] {
  return Array.from({ length: Math.ceil(rows / rowsPerSlice) }, (_, index) => ({
    from: index * rowsPerSlice,
    to: Math.min(rows, (index + 1) * rowsPerSlice),
  }));
}

/** Copied, because the thread takes the buffer over and the request's message holds more than this slice. */
function threadTensorOf(input: InferWork["inputs"][number], { from, to }: Slice, isBatched: boolean): ThreadTensor {
  const { name, datatype, rowDims, rowBytes } = input;
  const bytes = new Uint8Array(input.bytes.subarray(from * rowBytes, to * rowBytes));
  return { name, datatype, dims: isBatched ? [to - from, ...rowDims] : rowDims, bytes };
}

/** @param rows of a model with batches; the runs' rows are then put below one another */
function joined(parts: readonly ThreadTensor[][], rows: number | undefined): OutputTensor[] {
  const [first = []] = parts;
  return first.map(({ name, datatype, dims }, index) => ({
    name,
    datatype,
    shape: rows === undefined ? dims : [rows, ...dims.slice(1)],
    bytes: Buffer.concat(parts.map((part) => part[index]?.bytes ?? new Uint8Array())),
  }));
}
