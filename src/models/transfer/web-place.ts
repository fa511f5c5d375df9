import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ModelPlace } from "./model-place.ts";
import { TransferError } from "./transfer-error.ts";

const answerLimitMs = 30_000;

/** A web server's folder; files are had by name only. */
export function webPlace(uri: string): ModelPlace {
  const root = uri.replace(/\/+$/, "");
  /** @returns undefined where there is no such file */
  const get = async (name: string): Promise<Response | undefined> => {
    const url = `${root}/${name}`;
    const limit = new AbortController();
    // Of the answer, not of the download.
    const timer = setTimeout(() => limit.abort(new Error("no answer in time")), answerLimitMs);
    const response = await fetch(url, { signal: limit.signal })
      .catch((error: Error) => {
        throw new TransferError(`${url} cannot be reached: ${reasonOf(error)}`, { cause: error });
      })
      .finally(() => clearTimeout(timer));
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return undefined;
    throw new TransferError(`${url} answers ${response.status} ${response.statusText}`);
  };
  return {
    uri,
    read: async (name) => await (await get(name))?.text(),
    download: async (name, path) => {
      const body = (await get(name))?.body;
      if (!body) throw new TransferError(`${root}/${name} is not there`);
      await pipeline(Readable.fromWeb(body), createWriteStream(path)).catch((error: Error) => {
        throw new TransferError(`${root}/${name} broke off: ${reasonOf(error)}`, { cause: error });
      });
    },
    list: async () => {
      throw new TransferError(
        `${root}: a web server does not list its files: take a SavedModel from gs:// or a folder`,
      );
    },
    upload: async () => {
      throw new TransferError(`${root}: models are pushed to gs:// or a folder, not to a web server`);
    },
  };
}

const reasonOf = (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message);
