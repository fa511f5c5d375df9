/**
 * Serves a publisher's own pictures to the pipeline. Only what it was given, each under a path of its own that
 * nobody can guess, and each only until it is withdrawn.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";

export type ServedSource = { file: string } | { bytes: Uint8Array };

export interface ServedPicture {
  uri: string;
  /** Resolves when the picture was read once. */
  fetched: Promise<void>;
  /** From now on the answer is 404. */
  withdraw(): void;
}

export interface PictureServer {
  serve(source: ServedSource): ServedPicture;
  close(): void;
}

/** The server cannot listen on its address; the message says why. */
export class PictureServerError extends Error {
  readonly code = "picture-server";
  constructor(message: string) {
    super(message);
    this.name = "PictureServerError";
  }
}

interface Entry {
  source: ServedSource;
  fetched: PromiseWithResolvers<void>;
}

/** A reader that hangs up early has either seen enough (too large, no picture) or is back by then. */
const comeBackMs = 5_000;

/**
 * @param host address of this machine to listen on, and under which the pipeline is told to fetch
 * @throws PictureServerError
 */
export async function startPictureServer(host = "127.0.0.1"): Promise<PictureServer> {
  const entries = new Map<string, Entry>();
  const server = createServer((request, response) => {
    const entry = entries.get(request.url ?? "");
    if (!entry) return response.writeHead(404).end();
    response.once("close", () => {
      if (response.statusCode >= 500) return; // The reader asks again.
      if (response.writableFinished) entry.fetched.resolve();
      else setTimeout(entry.fetched.resolve, comeBackMs).unref();
    });
    return answer(entry.source, response);
  });
  server.listen(0, host);
  await once(server, "listening").catch((error) => {
    throw new PictureServerError(`pictures cannot be served on ${host}: ${why(error)}`);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has a port");
  const origin = `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`;

  return {
    serve(source) {
      const path = `/${randomBytes(18).toString("base64url")}${"file" in source ? plainExtension(source.file) : ".jpg"}`;
      const entry = { source, fetched: Promise.withResolvers<void>() };
      entries.set(path, entry);
      return { uri: `${origin}${path}`, fetched: entry.fetched.promise, withdraw: () => void entries.delete(path) };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(source: ServedSource, response: ServerResponse): Promise<void> {
  const headers = { "content-type": "application/octet-stream" };
  if ("bytes" in source) {
    response.writeHead(200, { ...headers, "content-length": source.bytes.length }).end(source.bytes);
    return;
  }
  try {
    await using file = await open(source.file);
    const { size } = await file.stat();
    response.writeHead(200, { ...headers, "content-length": size });
    // Not a byte more than announced, though the file may grow meanwhile.
    await pipeline(size > 0 ? file.createReadStream({ end: size - 1, autoClose: false }) : [], response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else response.writeHead(statusOf((error as { code?: string }).code)).end();
  }
}

/** Gone and forbidden are final for the reader; anything else (too many open files, say) may pass. */
function statusOf(code: string | undefined): number {
  if (code === "ENOENT") return 404;
  return code === "EACCES" || code === "EPERM" ? 403 : 503;
}

/** For people who read URIs; what could need escaping is left out. */
function plainExtension(file: string): string {
  const extension = extname(file).toLowerCase();
  return /^\.[a-z0-9]{1,5}$/.test(extension) ? extension : "";
}

function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRNOTAVAIL") return "it is not an address of this machine";
  return code === "ENOTFOUND" || code === "EAI_AGAIN" ? "there is no such host" : message;
}
