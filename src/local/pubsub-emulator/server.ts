import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Logger } from "../../telemetry/logger.ts";
import { createCatalogue } from "./catalogue.ts";
import { publisherService } from "./publisher-service.ts";
import { serviceDefinition } from "./rpc-definitions.ts";
import { subscriberService } from "./subscriber-service.ts";

export interface PubSubEmulator {
  /** `host:port`, for PUBSUB_EMULATOR_HOST. */
  address: string;
  /** Ends all streams with UNAVAILABLE, so that clients come back to the next emulator. Bears being called twice. */
  stop(): Promise<void>;
  stats(): PubSubEmulatorStats;
}

export interface PubSubEmulatorStats {
  topics: number;
  /** Messages published since the start. */
  published: number;
  subscriptions: Record<string, SubscriptionStats>;
}

export interface SubscriptionStats {
  /** Messages not acked yet. */
  backlog: number;
  /** Deliveries, repeated ones too. */
  delivered: number;
  acked: number;
  nacked: number;
  /** Leases that ended without an ack. */
  expired: number;
  deadLettered: number;
}

/** The emulator cannot listen on its address. */
export class PubSubEmulatorError extends Error {
  readonly code = "PUBSUB_EMULATOR_ADDRESS";
  constructor(message: string) {
    super(message);
    this.name = "PubSubEmulatorError";
  }
}

/** Above the service's 10 MB for a request, so that a larger one is refused by us, with a reason. */
const maxRequestBytes = 16 * 2 ** 20;

/**
 * Google Pub/Sub in memory, for one machine: topics, pull subscriptions, leases, filters, ordering keys, dead letters.
 * `maxBacklog` messages, of 256 MiB at most, are kept per subscription; publishing more is refused with RESOURCE_EXHAUSTED, which Google's
 * clients retry. Port 0: the system chooses.
 * @throws PubSubEmulatorError
 */
export async function startPubSubEmulator(
  options: { host?: string; port?: number; maxBacklog?: number; log?: Logger } = {},
): Promise<PubSubEmulator> {
  const { host = "127.0.0.1", port = 8085, maxBacklog = 100_000, log } = options;
  const catalogue = createCatalogue({ maxBacklog, log });
  const stopping = new AbortController();
  const server = new Server({ "grpc.max_receive_message_length": maxRequestBytes });
  server.addService(serviceDefinition("Publisher"), publisherService(catalogue, log));
  server.addService(serviceDefinition("Subscriber"), subscriberService(catalogue, { stopping: stopping.signal, log }));
  const written = host.includes(":") ? `[${host}]` : host;
  const boundPort = await listen(server, `${written}:${port}`);
  return {
    address: `${written}:${boundPort}`,
    async stop() {
      stopping.abort();
      await shutDown(server);
      catalogue.stop();
    },
    stats: () => ({
      topics: catalogue.topics.size,
      published: catalogue.publishedCount(),
      subscriptions: Object.fromEntries(
        [...catalogue.subscriptions].map(([name, { backlog }]) => [
          name,
          { backlog: backlog.size().messages, ...backlog.counts },
        ]),
      ),
    }),
  };
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (!error) return resolve(port);
      const taken = error.message.includes("EADDRINUSE");
      const why = taken ? "the port is taken; choose another one (port 0: any that is free)" : error.message;
      reject(new PubSubEmulatorError(`The Pub/Sub emulator cannot listen on ${address}: ${why}`));
    });
  });
}

/** Calls under way get this time to end. */
const shutdownLimitMs = 1_000;

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), shutdownLimitMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
