import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import { objectRequest, openStorage, statusOf } from "../../blobs/cloud-storage.ts";
import type { ModelPlace } from "./model-place.ts";
import { TransferError } from "./transfer-error.ts";

/** Of one file; plans have gigabytes. */
const uploadLimitMs = 1_800_000;

/** @param path BUCKET/PATH */
export function bucketPlace(uri: string, path: string): ModelPlace {
  const [name = "", ...rest] = path.split("/");
  const root = `${rest.join("/")}/`;
  const bucket = openStorage().then((storage) => storage.bucket(name));
  bucket.catch(() => undefined);
  const guarded = async <Value>(what: string, work: () => Promise<Value>): Promise<Value> =>
    await work().catch((error: unknown) => {
      throw new TransferError(`gs://${name}/${root}${what}: ${wordsFor(error, name)}`, { cause: error });
    });
  return {
    uri,
    read: (file) =>
      guarded(file, async () => {
        const found = (await bucket).file(root + file);
        return await found.download().then(
          ([bytes]) => bytes.toString(),
          async (error: unknown) => {
            if (statusOf(error) !== 404) throw error;
            // A bucket that is not there answers like a file that is not.
            await (await bucket).getFiles({ prefix: root, maxResults: 1, autoPaginate: false });
            return undefined;
          },
        );
      }),
    download: (file, target) =>
      guarded(file, async () => {
        // The client's own download has a limit of its time that a large model is above.
        const { url, headers } = await objectRequest(name, root + file);
        const { statusCode, body } = await request(url, { headers });
        if (statusCode === 200) return await pipeline(body, createWriteStream(target));
        await body.dump();
        throw Object.assign(new Error(`the answer is ${statusCode}`), { code: statusCode });
      }),
    list: () =>
      guarded("", async () => {
        const [files] = await (await bucket).getFiles({ prefix: root });
        return files.map((file) => file.name.slice(root.length)).filter((file) => file !== "" && !file.endsWith("/"));
      }),
    upload: (source, file) =>
      guarded(file, async () => {
        await (await bucket).upload(source, { destination: root + file, timeout: uploadLimitMs });
      }),
  };
}

function wordsFor(error: unknown, bucket: string): string {
  const status = statusOf(error);
  if (status === 404) return `there is no such file, or no bucket ${bucket}`;
  if (status === 401 || status === 403)
    return `this service account may not: give it access to the bucket ${bucket} (Storage Object Viewer; to write, User)`;
  return error instanceof Error ? error.message : String(error);
}
