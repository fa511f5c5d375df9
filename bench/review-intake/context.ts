import { fileURLToPath } from "node:url";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import { loadPolicy } from "../../src/policy/load-policy.ts";
import { openDatabase } from "../../src/review/database/connection.ts";
import { migrateToLatest } from "../../src/review/database/migrate.ts";
import { defaultTiming, type ReviewContext } from "../../src/review/review-context.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

/** Review as its process has it, on the database of that URL. */
export async function reviewContext(url: string): Promise<ReviewContext> {
  const log = createLogger({ level: "warn", role: "review" });
  const db = openDatabase(url, { log });
  await migrateToLatest(db);
  const policy = await loadPolicy(fileURLToPath(new URL("../../policies/nsfw.yaml", import.meta.url)));
  const evidence = openBlobStore("file:///tmp/briareus/bench-evidence", { log });
  return { db, log, now: Date.now, policy: () => policy, evidence, timing: defaultTiming };
}
