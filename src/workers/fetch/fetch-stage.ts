import { BlobError, type BlobStore } from "../../blobs/blob-store.ts";
import { type Fetched, InFlight } from "../../capture/item.ts";
import { createBufferPool } from "../../memory/buffer-pool.ts";
import type { Outcome, Stage, StageContext } from "../../pipeline/stage.ts";
import { parseAddressRules } from "./address-rules.ts";
import { type DownloadOptions, download } from "./download.ts";
import { createDownloadLimits } from "./download-limits.ts";
import type { Resolve } from "./guarded-lookup.ts";
import { createHttpAgents } from "./http-agents.ts";

/** Read anew for every batch, so that a change holds for what is downloaded from then on. */
export interface FetchLimits {
  /** Downloads of the process at a time. */
  concurrency: number;
  /** Downloads from one host at a time. */
  perHostConcurrency: number;
  /** For one download, redirects included. */
  timeoutMs: number;
  /** For one connection. */
  connectTimeoutMs: number;
  /** Largest image. */
  maxBytes: number;
  maxRedirects: number;
  /** What may be fetched from though it is private: host, host:port, address or CIDR range. Read once. */
  allow: readonly string[];
  /** Folder below which file:// images may be read; none if absent. */
  fileRoot?: string;
}

export interface FetchDependencies {
  limits: FetchLimits;
  blobs: BlobStore;
  /** Lifetime of an image in the blob store: longer than a capture may wait in queues. */
  blobTtlMs?: number;
  /** The system's resolver unless a test brings its own. */
  resolve?: Resolve;
}

/**
 * Downloads each capture's image into the blob store. URIs with a user or password are refused as `invalid-capture`.
 * @throws RangeError for an `allow` entry that cannot be read
 */
export function createFetchStage(dependencies: FetchDependencies): Stage<InFlight, Fetched> {
  const { limits, blobs, blobTtlMs = 15 * 60_000 } = dependencies;
  const downloadLimits = createDownloadLimits(limits);
  const buffers = createBufferPool(32 * 1024 * 1024);
  const rules = parseAddressRules(limits.allow);
  const connectionLimits = () => ({
    connectTimeoutMs: limits.connectTimeoutMs,
    connectionsPerHost: limits.perHostConcurrency,
  });
  const agents = createHttpAgents({ rules, limits: connectionLimits(), resolve: dependencies.resolve });

  return {
    name: "fetch",
    input: InFlight,
    run(items, context) {
      downloadLimits.change(limits);
      agents.change(connectionLimits());
      const abortion = watchAbortion(context.signal);
      const options = {
        agents,
        limits: downloadLimits,
        buffers,
        maxBytes: limits.maxBytes,
        timeoutMs: limits.timeoutMs,
        maxRedirects: limits.maxRedirects,
        fileRoot: limits.fileRoot,
        onAbort: abortion.onAbort,
        now: context.now,
      };
      const store = (bytes: Uint8Array) => blobs.put(bytes, { ttlMs: blobTtlMs });
      const outcomes = items.map((item) =>
        fetchCapture(item, { ...options, insteadOfStart: () => insteadOfStart(item, context) }, context.signal, store),
      );
      void Promise.allSettled(outcomes).then(abortion.end);
      return outcomes;
    },
  };
}

async function fetchCapture(
  item: InFlight,
  options: DownloadOptions,
  signal: AbortSignal,
  store: (bytes: Uint8Array) => Promise<string>,
): Promise<Outcome<Fetched>> {
  const outcome = await download(
    item.capture.imageUri,
    async ({ bytes, type, release }): Promise<Outcome<Fetched>> => {
      try {
        const blob = await store(bytes);
        // Only after success: of a put that failed, somebody may still hold the bytes.
        release();
        return { kind: "done", value: { ...item, image: { blob, bytes: bytes.length, type } } };
      } catch (error) {
        if (!(error instanceof BlobError)) throw error;
        return { kind: "retry", reason: "blob-store-unavailable", detail: error.message, free: true };
      }
    },
    options,
  );
  // A download that the abortion ended looks like one that its host broke off.
  return signal.aborted && outcome.kind === "retry" ? letGo() : outcome;
}

/** A capture may have waited for its host until it was too late. */
function insteadOfStart(item: InFlight, { signal, now }: StageContext): Outcome<never> | undefined {
  if (signal.aborted) return letGo();
  if (item.deadlineAtMs > now()) return undefined;
  const detail = "its deadline passed while it waited for its turn with the image host";
  return { kind: "reject", verdict: "expired", reason: "deadline-exceeded", detail };
}

function letGo(): Outcome<never> {
  return { kind: "retry", reason: "worker-stopping", free: true };
}

/** One listener on the worker's signal for all downloads of a batch. */
function watchAbortion(signal: AbortSignal) {
  const aborts = new Set<(reason: Error) => void>();
  const abortAll = () => {
    for (const abort of aborts) abort(new Error("the worker lets go"));
  };
  signal.addEventListener("abort", abortAll, { once: true });
  return {
    onAbort(abort: (reason: Error) => void) {
      aborts.add(abort);
      if (signal.aborted) abort(new Error("the worker lets go"));
      return () => void aborts.delete(abort);
    },
    end: () => signal.removeEventListener("abort", abortAll),
  };
}
