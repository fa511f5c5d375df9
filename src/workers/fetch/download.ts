import type { Dispatcher } from "undici";
import { objectRequest } from "../../blobs/cloud-storage.ts";
import type { BufferPool } from "../../memory/buffer-pool.ts";
import type { Outcome } from "../../pipeline/stage.ts";
import { classifyFailure } from "./classify-failure.ts";
import type { DownloadLimits } from "./download-limits.ts";
import { type Image, later, refused } from "./fetch-outcome.ts";
import type { HttpAgents } from "./http-agents.ts";
import { httpGet } from "./http-get.ts";
import { readImageFile } from "./read-image-file.ts";

export interface DownloadOptions {
  agents: HttpAgents;
  limits: DownloadLimits;
  buffers: BufferPool;
  maxBytes: number;
  /** For all redirects together, without the time spent waiting for a limit. */
  timeoutMs: number;
  maxRedirects: number;
  /** Folder below which file:// is allowed. */
  fileRoot: string | undefined;
  /** Asked when the limits let a download begin: what to do instead of it, undefined to go on. */
  insteadOfStart(): Outcome<never> | undefined;
  onAbort(abort: (reason: Error) => void): () => void;
  now(): number;
}

/**
 * What is to be done with the image is done within the limits, so that no more images are held in memory than are
 * downloaded at a time.
 */
export type Use<T> = (image: Image) => Promise<T>;

/** Downloads an image and hands it to `use`. */
export function download<T>(uri: string, use: Use<T>, options: DownloadOptions): Promise<T | Outcome<never>> {
  const scheme = uri.slice(0, uri.indexOf("://")).toLowerCase();
  if (scheme === "http" || scheme === "https") return downloadHttp(uri, use, options);
  if (scheme === "gs") return downloadObject(uri, use, options);
  if (scheme === "file") return within("file:", options, () => readFile(uri, use, options));
  return Promise.resolve(refused("unsupported-scheme", `${scheme}:// is neither http(s)://, gs:// nor file://`));
}

async function downloadHttp<T>(uri: string, use: Use<T>, options: DownloadOptions): Promise<T | Outcome<never>> {
  let url = URL.parse(uri);
  if (!url) return refused("invalid-capture", "the image URI is no valid URL");
  let remainingMs = options.timeoutMs;
  for (let redirects = 0; ; redirects++) {
    // They would stand in verdicts and logs, and a signed URL does the same for one image only.
    if (url.username !== "" || url.password !== "")
      return refused("invalid-capture", "the image URI carries a user or password, which is not sent: sign the URL");
    const hop: URL = url;
    const result = await within(hop.host, options, async () => {
      const startedAtMs = performance.now();
      const answer = await get(() => options.agents.for(hop), hop, accept, Math.max(1, remainingMs), options);
      remainingMs -= performance.now() - startedAtMs;
      return answer.kind === "image" ? { kind: "used" as const, value: await use(answer) } : answer;
    });
    if (result.kind === "used") return result.value;
    if (result.kind !== "redirect") return result;
    if (redirects >= options.maxRedirects)
      return refused("too-many-redirects", `the host redirected more than ${options.maxRedirects} times`);
    const next = URL.parse(result.location, url.href);
    if (!next) return refused("bad-response", "the host redirected to what is no URL");
    if (next.protocol !== "http:" && next.protocol !== "https:")
      return refused("unsupported-scheme", `the host redirected to a ${next.protocol} address`);
    url = next;
  }
}

async function downloadObject<T>(uri: string, use: Use<T>, options: DownloadOptions): Promise<T | Outcome<never>> {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/is.exec(uri) ?? [];
  if (!bucket || !name) return refused("invalid-capture", "the image URI names no object: write gs://bucket/object");
  return within("gs:", options, async () => {
    const request = await objectRequest(bucket, name).catch((error: unknown) =>
      later("host-unreachable", `no credentials for Google Cloud Storage: ${String(error)}`),
    );
    if ("kind" in request) return request;
    const { url, headers } = request;
    const answer = await get(options.agents.trusted, new URL(url), headers, options.timeoutMs, options);
    if (answer.kind === "image") return use(answer);
    return answer.kind === "redirect" ? refused("bad-response", "Google Cloud Storage redirected") : answer;
  });
}

async function readFile<T>(uri: string, use: Use<T>, options: DownloadOptions): Promise<T | Outcome<never>> {
  const answer = await readImageFile(uri, { root: options.fileRoot, maxBytes: options.maxBytes });
  return answer.kind === "image" ? use(answer) : answer;
}

function within<T>(host: string, options: DownloadOptions, task: () => Promise<T>): Promise<T | Outcome<never>> {
  return options.limits.run(host, async () => options.insteadOfStart() ?? task());
}

/** Compressed transfer would save nothing on images and could unpack to any size. */
const accept = { accept: "image/*", "accept-encoding": "identity", "user-agent": "briareus" };

async function get(
  dispatcher: () => Dispatcher,
  url: URL,
  headers: Record<string, string>,
  timeoutMs: number,
  { limits, buffers, maxBytes, onAbort, now }: DownloadOptions,
) {
  try {
    return await httpGet(dispatcher(), url, {
      headers: { ...accept, ...headers },
      maxBytes,
      timeoutMs,
      buffers,
      takeTurn: limits.takeTurn,
      onAbort,
      now,
    });
  } catch (error) {
    return classifyFailure(error);
  }
}
