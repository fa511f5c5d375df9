/**
 * A preprocess worker that dies of certain pictures, as a decoder with a fatal bug would: the process is killed
 * while it holds the batch.
 */

import type { BlobStore } from "../../src/blobs/blob-store.ts";
import { createContext } from "../../src/cli/context.ts";
import { runUntilSignal } from "../../src/cli/run-until-signal.ts";
import { createWorker } from "../../src/cli/stage-workers.ts";

export const poison = Buffer.from("POISON");

if (process.argv.includes("preprocess")) {
  const context = createContext("worker-preprocess");
  const blobs: BlobStore = {
    ...context.blobs,
    async get(ref) {
      const bytes = await context.blobs.get(ref);
      if (Buffer.from(bytes).includes(poison)) process.kill(process.pid, "SIGKILL");
      return bytes;
    },
  };
  const poisoned = createContext("worker-preprocess", { blobs });
  await runUntilSignal("worker-preprocess", await createWorker("preprocess", poisoned), context.settings);
}
