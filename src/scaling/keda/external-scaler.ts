/** The external scaler as a process has it: decides while it leads, answers KEDA over gRPC, and shows its figures. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import type { StageName } from "../../pipeline/stages.ts";
import { connectRedis } from "../../redis/connection.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { PoolLimits } from "../pool-limits.ts";
import { type Decider, startDecider } from "./decider.ts";
import { createHandlers } from "./handlers.ts";
import { externalScalerService } from "./protocol.ts";
import { showDecisions } from "./scaler-metrics.ts";

export interface ExternalScalerOptions {
  redisUrl: string;
  host: string;
  /** 0: any free one. */
  port: number;
  limits: Record<StageName, PoolLimits>;
  log: Logger;
}

export interface ExternalScaler extends Lifecycle {
  /** `host:port`, once it has started. */
  address(): string | undefined;
  /** Whether this process is the one that decides. */
  leads(): boolean;
}

/** start() throws an Error that names the address where it cannot listen. */
export function createExternalScaler({ redisUrl, host, port, limits, log }: ExternalScalerOptions): ExternalScaler {
  let address: string | undefined;
  let stopping: Promise<void> | undefined;
  let decider: Decider | undefined;
  let stopParts = async () => {};

  const start = async () => {
    const redis = connectRedis(redisUrl, { role: "client", log });
    const deciding = startDecider({ redis, limits, log });
    decider = deciding;
    const hideDecisions = showDecisions(deciding);
    const server = new Server();
    server.addService(externalScalerService, { ...createHandlers(deciding) });
    stopParts = async () => {
      hideDecisions();
      await deciding.stop();
      server.forceShutdown(); // KEDA's streams stay open for ever; it comes back to another replica.
      redis.disconnect();
    };
    try {
      address = `${host}:${await bind(server, `${host}:${port}`)}`;
    } catch (error) {
      await stopParts(); // Or the process would live on, and lead, without anybody to ask it.
      throw error;
    }
    log.info({ address }, "external scaler ready");
  };

  return {
    start,
    stop: () => (stopping ??= stopParts()),
    address: () => address,
    leads: () => decider?.leads() ?? false,
    // Ready without Redis, too: KEDA must reach it to hear that there is nothing to measure.
    health: async () => ({ live: true, ready: address !== undefined, detail: address ?? "starting" }),
  };
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`the external scaler cannot listen on ${address}: ${error.message}`));
      else resolve(port);
    });
  });
}
