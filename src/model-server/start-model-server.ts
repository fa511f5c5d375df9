import { availableParallelism } from "node:os";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { inferenceService } from "../inference/protocol.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createHandlers } from "./grpc-handlers.ts";
import { serveHttp } from "./http-endpoints.ts";
import { createModelRegistry, type ModelRegistry } from "./model-registry.ts";
import { createMetrics } from "./prometheus-metrics.ts";
import { openRepository, RepositoryError } from "./repository.ts";
import { createScheduler } from "./scheduler.ts";
import { createSessionThreads } from "./session-threads.ts";

/** A batch of 16 pictures of 1024 x 1024 floats has 201 MB. */
const maxMessageBytes = 256 << 20;

export interface ModelServer {
  /** HOST:PORT of the KServe v2 gRPC service. */
  grpcAddress: string;
  /** HOST:PORT of /metrics, /v2/health/live and /v2/health/ready. */
  metricsAddress: string;
  /** Rejects should a computing thread ever die; the process should then end and be started anew. */
  failed: Promise<never>;
  /** Refuses new requests, finishes those it has within `drainMs` (10 s by default), and ends. */
  stop(options?: { drainMs?: number }): Promise<void>;
}

/**
 * Serves all models of a Triton model repository on the CPU, by the KServe v2 protocol.
 * @param options.threads pictures computed at the same time; by default one per core
 * @throws RepositoryError, ModelConfigError, or the system's error for a port that is taken
 */
export async function startModelServer(options: {
  repository: string;
  host?: string;
  grpcPort?: number;
  metricsPort?: number;
  threads?: number;
  log?: Logger;
}): Promise<ModelServer> {
  const { host = "127.0.0.1", grpcPort = 0, metricsPort = 0, log } = options;
  await using starting = new AsyncDisposableStack();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let ready = false;
  const isReady = () => ready;

  const threads = createSessionThreads({
    count: options.threads ?? availableParallelism(),
    onExit: failure.reject,
  });
  starting.defer(() => threads.stop());
  const repository = openRepository(options.repository);
  const schedule = createScheduler(threads, () => registry.working());
  const registry = createModelRegistry({ repository, threads, onWork: schedule, log });

  const http = await serveHttp({ host, port: metricsPort, metrics: createMetrics(registry), isReady });
  starting.defer(() => http.stop());
  const grpc = new Server({ "grpc.max_receive_message_length": maxMessageBytes, "grpc.max_send_message_length": -1 });
  starting.defer(() => grpc.forceShutdown());
  grpc.addService(inferenceService, { ...createHandlers({ registry, version: "0.1.0", isReady, log }) });
  // Both ports first: a port that is taken is told at once, not after the models are loaded.
  const grpcAddress = `${host}:${await bind(grpc, `${host}:${grpcPort}`)}`;
  await loadAll(await repository.models(), registry, options.repository);

  ready = true;
  const running = starting.move();
  return {
    grpcAddress,
    metricsAddress: http.address,
    failed: failure.promise,
    stop: async ({ drainMs = 10_000 } = {}) => {
      ready = false;
      await within(drainMs, registry.drained());
      await within(1_000, new Promise((resolve) => grpc.tryShutdown(resolve)));
      await running.disposeAsync();
    },
  };
}

async function loadAll(names: readonly string[], registry: ModelRegistry, folder: string): Promise<void> {
  if (names.length === 0) throw new RepositoryError(`The model repository ${folder} holds no model`);
  for (const name of names) await registry.load(name);
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, limitMs);
  await Promise.race([work, limit.promise]);
  clearTimeout(timer);
}
