import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { BufferPool } from "../../memory/buffer-pool.ts";
import type { Retry } from "../../pipeline/stage.ts";
import { createBodyBuffer } from "./body-buffer.ts";
import { classifyResponse, type Redirect, tooLarge } from "./classify-response.ts";
import { type Image, type Refused, refused } from "./fetch-outcome.ts";
import { imageTypeOf, signatureBytes } from "./image-type.ts";

/** Rest of an error page that is read so that the connection can be used again. */
const drainBytes = 65_536;

/** Bodies above this size take turns, so that many at once cannot fill the process's memory. */
const largeBytes = 2 * 1024 * 1024;

export interface GetOptions {
  headers: Record<string, string>;
  maxBytes: number;
  timeoutMs: number;
  buffers: BufferPool;
  /** Runs the task when a large body may be held; the task ends when the body has. */
  takeTurn(task: () => Promise<void>): void;
  /** Registers what ends the download at once; the answer unregisters it. */
  onAbort(abort: (reason: Error) => void): () => void;
  now(): number;
}

/**
 * One GET, without redirects. On undici's lowest interface: its streams cost more CPU than all else of a download.
 *
 * @throws (rejects) with the error of the connection, of the time limit, or of the abortion
 */
export function httpGet(
  dispatcher: Dispatcher,
  url: URL,
  options: GetOptions,
): Promise<Image | Redirect | Refused | Retry> {
  const { maxBytes } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Image | Redirect | Refused | Retry>();
  const ended = Promise.withResolvers<void>();
  let connection: Dispatcher.DispatchController | undefined;
  let stopped: Error | undefined;
  let body: ReturnType<typeof createBodyBuffer> | undefined;
  let drained = 0;
  let tookTurn = false;

  const stop = (reason: Error) => {
    stopped ??= reason;
    reject(reason);
    connection?.abort(reason);
  };
  const settle = (result: Image | Redirect | Refused | Retry) => {
    body = undefined;
    resolve(result);
  };
  /** The connection is of no more use: what the host still sends is not wanted. */
  const giveUp = (result: Refused) => {
    settle(result);
    connection?.abort(new Error(result.detail));
  };
  const timer = setTimeout(() => stop(timeoutError(options.timeoutMs)), options.timeoutMs);
  const unregister = options.onAbort(stop);
  const end = () => {
    clearTimeout(timer);
    unregister();
    ended.resolve();
  };

  function judgeStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders) {
    const start = classifyResponse(status, headers, { maxBytes, nowMs: options.now() });
    if (start.kind === "body") {
      body = createBodyBuffer(start.length, options.buffers);
      if ((start.length ?? 0) > largeBytes) waitForTurn(controller);
    } else if (start.kind === "reject" && status < 300) giveUp(start);
    else settle(start);
  }

  function waitForTurn(controller: Dispatcher.DispatchController) {
    tookTurn = true;
    controller.pause();
    options.takeTurn(() => {
      controller.resume();
      return ended.promise;
    });
  }

  dispatcher.dispatch(
    { origin: url.origin, path: url.pathname + url.search, method: "GET", headers: options.headers },
    {
      onRequestStart(controller) {
        connection = controller;
        if (stopped) controller.abort(stopped);
      },
      onResponseStart(controller, status, headers) {
        if (status >= 200) judgeStart(controller, status, headers);
      },
      onResponseData(controller, chunk) {
        if (!body) {
          drained += chunk.length;
          if (drained > drainBytes) controller.abort(new Error("the host's page is not wanted"));
          return;
        }
        const before = body.length;
        body.add(chunk);
        if (body.length > maxBytes) giveUp(tooLarge(maxBytes, "it has more"));
        else if (before < signatureBytes && body.length >= signatureBytes && !imageTypeOf(body.bytes()))
          giveUp(notAnImage());
        else if (body.length > largeBytes && !tookTurn) waitForTurn(controller);
      },
      onResponseEnd() {
        if (body) settle(imageOf(body));
        end();
      },
      onResponseError(_controller, error) {
        reject(error);
        end();
      },
    },
  );
  return promise;
}

function imageOf(body: ReturnType<typeof createBodyBuffer>): Image | Refused {
  const bytes = body.bytes();
  if (bytes.length === 0) return refused("image-empty", "the image has no bytes");
  const type = imageTypeOf(bytes);
  return type ? { kind: "image", bytes, type, release: body.release } : notAnImage();
}

function notAnImage(): Refused {
  return refused("wrong-type", "the bytes do not begin like an image");
}

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`the download took longer than ${timeoutMs} ms`), { code: "ETIMEDOUT" });
}
