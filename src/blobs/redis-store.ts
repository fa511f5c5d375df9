/**
 * Blobs as Redis strings, for processes without a common disk. They live in Redis's memory: at 350 KB a picture and
 * 1,000 captures/s, each second in flight takes 350 MB.
 */
import type { Redis } from "ioredis";
import { connectRedis } from "../redis/connection.ts";
import type { Logger } from "../telemetry/logger.ts";
import { nameOf, newBlobName } from "./blob-name.ts";
import { BlobError, type BlobStore } from "./blob-store.ts";
import { setCommand } from "./redis-set-command.ts";

const refPrefix = "r:";

/** @param options.url redis://host:port/db?prefix=…; the prefix (default `blob:`) begins every key */
export function createRedisStore(options: { url: string; log?: Logger }): BlobStore {
  const url = new URL(options.url);
  const keyPrefix = url.searchParams.get("prefix") ?? "blob:";
  url.searchParams.delete("prefix");
  const redis = connectRedis(url.href, {
    role: "client",
    log: options.log,
    // Blobs are large: rather than gather in the memory of every worker until Redis is back, they fail when their
    // connection does, or the first attempt to connect again, and their captures wait in the queue. A larger number
    // would not do: ioredis keeps what was on its way when a connection broke for the next one that succeeds.
    overrides: { maxRetriesPerRequest: 0, lazyConnect: true },
  });
  const keyOf = (name: string) => keyPrefix + name;
  const guarded = <T>(act: () => Promise<T>) => act().catch((error) => Promise.reject(failure(error, redis)));

  return {
    async put(bytes, { ttlMs, key } = {}) {
      // The moment is for the name's sake only: Redis itself keeps the time.
      const name = newBlobName({ key, expiresAtMs: ttlMs === undefined ? undefined : Date.now() + ttlMs });
      await guarded(async () => redis.sendCommand(setCommand(keyOf(name), bytes, ttlMs)));
      return refPrefix + name;
    },
    async get(ref) {
      const key = keyOf(nameOf(ref, refPrefix));
      const bytes = await guarded(() => redis.getBuffer(key));
      if (bytes === null) throw new BlobError("missing", `The blob ${ref} expired or was deleted`);
      return bytes;
    },
    async delete(refs) {
      if (refs.length === 0) return;
      const keys = refs.map((ref) => keyOf(nameOf(ref, refPrefix)));
      await guarded(() => redis.unlink(...keys));
    },
    async sweep() {
      return 0;
    },
    async close() {
      redis.disconnect();
    },
  };
}

function failure(error: unknown, redis: Redis): BlobError {
  const text = textOf(error);
  const advice = text.startsWith("OOM")
    ? "its memory is full; raise maxmemory or shorten the blobs' lifetime"
    : "is it running, and may this process use it?";
  const { host, port } = redis.options;
  return new BlobError("unavailable", `The blob store Redis ${host}:${port} cannot be used (${text}): ${advice}`, {
    cause: error,
  });
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "MaxRetriesPerRequestError" ? "there is no connection, or it broke off" : error.message;
}
