/** An intake in a process of its own: the one that a test kills. Prints a line when it listens. */

import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import { openDatabase } from "../../src/review/database/connection.ts";
import { createIntake } from "../../src/review/intake/intake.ts";
import { defaultTiming } from "../../src/review/review-context.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

const [url, settings] = process.argv.slice(2);
if (!url || !settings) throw new Error("usage: review-intake-process DATABASE SETTINGS");

const log = createLogger({ level: "error", role: "review" });
const intake = createIntake(
  {
    db: openDatabase(url, { log }),
    log,
    now: Date.now,
    policy: () => ({ version: "nsfw-1", sampleShare: 0, categories: {} }),
    evidence: openBlobStore("file:///tmp/briareus-no-evidence", { log }),
    timing: defaultTiming,
  },
  JSON.parse(settings),
);
await intake.start();
process.stdout.write("listens\n");
