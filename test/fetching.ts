/** What the tests of the fetch stage share: a picture host of the test's own, and a way to run single captures. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { BlobStore } from "../src/blobs/blob-store.ts";
import type { Fetched, InFlight } from "../src/capture/item.ts";
import type { Outcome } from "../src/pipeline/stage.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { createFetchStage, type FetchDependencies, type FetchLimits } from "../src/workers/fetch/fetch-stage.ts";
import { inFlight } from "./items.ts";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A picture as far as fetch can tell: it begins like a JPEG. */
export function picture(bytes = 1000, fill = 7): Buffer {
  const image = Buffer.alloc(bytes, fill);
  image.set([0xff, 0xd8, 0xff, 0xe0]);
  return image;
}

/** An HTTP server on all loopback addresses; `connections` counts those that were ever made to it. */
export async function startHost(answer: Answer) {
  const server = createServer(answer).listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no TCP port");
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Keeps what is put in memory. */
export function memoryBlobs(): BlobStore & { bytesOf(ref: string): Uint8Array | undefined } {
  const blobs = new Map<string, Uint8Array>();
  return {
    bytesOf: (ref) => blobs.get(ref),
    async put(bytes) {
      const ref = `m:${blobs.size}`;
      blobs.set(ref, Uint8Array.from(bytes));
      return ref;
    },
    get: () => Promise.reject(new Error("fetch reads no blobs")),
    delete: () => Promise.reject(new Error("fetch deletes no blobs")),
    sweep: async () => 0,
    close: async () => undefined,
  };
}

const defaults: FetchLimits = {
  concurrency: 16,
  perHostConcurrency: 8,
  timeoutMs: 20_000,
  connectTimeoutMs: 5_000,
  maxBytes: 1_000_000,
  maxRedirects: 3,
  allow: ["127.0.0.1"],
};

/** A fetch stage with small limits, which may fetch from 127.0.0.1. */
export function startFetching(
  options: Partial<FetchLimits> & Partial<Pick<FetchDependencies, "blobs" | "resolve">> = {},
) {
  const { blobs = memoryBlobs(), resolve, ...limitsGiven } = options;
  const limits = { ...defaults, ...limitsGiven };
  const stage = createFetchStage({ limits, blobs, resolve });
  const log = createLogger({ level: "silent", role: "test" });
  const begin = (uris: string[], signal = new AbortController().signal, deadlineAtMs = Date.now() + 60_000) =>
    stage.run(
      uris.map((uri) => captureOf(uri, deadlineAtMs)),
      { signal, log, now: Date.now },
    );
  return {
    limits,
    begin,
    async one(uri: string): Promise<Outcome<Fetched>> {
      const [outcome] = await Promise.all(begin([uri]));
      if (!outcome) throw new Error("the stage gave no outcome");
      return outcome;
    },
  };
}

function captureOf(imageUri: string, deadlineAtMs: number): InFlight {
  const item = inFlight("capture", { deadlineAtMs });
  return { ...item, capture: { ...item.capture, imageUri } };
}
