import type { Storage } from "@google-cloud/storage";

let storage: Promise<Storage> | undefined;

/**
 * The process's client of Google Cloud Storage, loaded at first use: importing it takes memory that processes
 * without `gs://` should not pay. STORAGE_EMULATOR_HOST (`http://host:port` or `host:port`) is honoured, and then no
 * credentials are looked for.
 */
export function openStorage(): Promise<Storage> {
  storage ??= import("@google-cloud/storage").then(({ Storage }) => {
    // Captures that meet a failure are retried by their queue, with a back-off that outlives this process.
    const client = new Storage({ timeout: 10_000, retryOptions: { autoRetry: false } });
    const emulator = process.env.STORAGE_EMULATOR_HOST;
    if (emulator) client.apiEndpoint = emulatorUrl(emulator);
    // With an emulator the client leaves the version out of the paths of all but uploads.
    client.baseUrl = `${client.apiEndpoint}/storage/v1`;
    return client;
  });
  return storage;
}

function emulatorUrl(host: string): string {
  return (host.includes("://") ? host : `http://${host}`).replace(/\/+$/, "");
}

/**
 * The request that downloads an object. It is sent with our own HTTP client, which can bound its size and its time;
 * the one inside Google's library cannot, and leaks listeners on objects above 64 KB.
 *
 * @throws when the credentials cannot be had
 */
export async function objectRequest(
  bucket: string,
  name: string,
): Promise<{ url: string; headers: Record<string, string> }> {
  const client = await openStorage();
  const url = `${client.baseUrl}/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}?alt=media`;
  if (process.env.STORAGE_EMULATOR_HOST) return { url, headers: {} };
  return { url, headers: Object.fromEntries(await client.authClient.getRequestHeaders(url)) };
}

/** The HTTP status of an error that the client threw; undefined when there was no response. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const status = Number(error.code);
  return Number.isInteger(status) ? status : undefined;
}
