import type { Storage } from "@google-cloud/storage";

let storage: Promise<Storage> | undefined;

/**
 * The process's client of Google Cloud Storage, loaded at first use: importing it takes memory that processes
 * without `gs://` should not pay. STORAGE_EMULATOR_HOST (with its scheme: `http://host:port`) is honoured, and then no
 * credentials are looked for.
 */
export function openStorage(): Promise<Storage> {
  storage ??= import("@google-cloud/storage").then(({ Storage, IdempotencyStrategy }) => {
    return new Storage({
      timeout: 10_000,
      // What we write never changes under its name, so writing it twice does no harm.
      retryOptions: { maxRetries: 2, totalTimeout: 10, idempotencyStrategy: IdempotencyStrategy.RetryAlways },
    });
  });
  return storage;
}

/** The HTTP status of an error that the client threw; undefined when there was no response. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const status = Number(error.code);
  return Number.isInteger(status) ? status : undefined;
}
