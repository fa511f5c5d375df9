import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "../telemetry/logger.ts";

/** queue: adds and reads jobs · worker: BullMQ's Workers, which block up to 10 s · client: everything else. */
export type RedisRole = "queue" | "worker" | "client";

/**
 * A connection that outlives outages. It connects in the background; the first trouble of each outage is logged,
 * in one line, and the attempts that follow are not.
 *
 * @param options.overrides for the rare client that must fail rather than wait
 */
export function connectRedis(url: string, options: { role: RedisRole; log?: Logger; overrides?: RedisOptions }): Redis {
  const redis = new Redis(url, { ...redisOptions(options.role), ...options.overrides });
  let reported = false;
  redis.on("ready", () => {
    reported = false;
  });
  // Without a listener ioredis prints every error, one per attempt, to the console.
  redis.on("error", (error: Error) => {
    if (reported) return;
    reported = true;
    options.log?.warn(
      { redis: addressOf(url), role: options.role, error: error.message },
      "redis is away, reconnecting",
    );
  });
  return redis;
}

/**
 * Options of every Redis connection: commands wait for a Redis that is away instead of failing, and a connection
 * on which nothing is answered any more is given up.
 *
 * Without `socketTimeout` a connection that a failover left black-holed stays open for ever, and so does every
 * job behind it. A subscriber sends nothing, so it must PING every 2 s to be covered by it.
 */
function redisOptions(role: RedisRole): RedisOptions {
  return {
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    connectTimeout: 2_000,
    socketTimeout: role === "worker" ? 12_000 : 5_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 4), 500),
  };
}

/** The address without user, password and parameters, for logs. */
function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
