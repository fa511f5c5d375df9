/** Review on a real Postgres, with a clock that moves only when a test moves it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { openBlobStore } from "../src/blobs/open-blob-store.ts";
import type { Finding, Severity, Verdict } from "../src/capture/verdict.ts";
import { loadPolicy } from "../src/policy/load-policy.ts";
import type { PersonActor } from "../src/review/access/actor.ts";
import type { Role } from "../src/review/access/roles.ts";
import { openDatabase } from "../src/review/database/connection.ts";
import { migrateToLatest } from "../src/review/database/migrate.ts";
import { defaultTiming, type ReviewContext } from "../src/review/review-context.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { startPostgres } from "./services.ts";

export interface TestReview {
  context: ReviewContext;
  /** Of the database, for what needs connections of its own. */
  url: string;
  /** Of the evidence store, unless the test brings its own. */
  evidenceUrl: string;
  /** Moves the clock of `context.now` forward. */
  advance(ms: number): void;
  addUser(name: string, role?: Role): Promise<PersonActor>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const policyFile = fileURLToPath(new URL("../policies/nsfw.yaml", import.meta.url));

/** @param options.url a database that the test has already, instead of a new one */
export async function startReview(
  options: { url?: string; context?: Partial<ReviewContext>; connections?: number } = {},
): Promise<TestReview> {
  const database = options.url === undefined ? await startPostgres() : undefined;
  const url = options.url ?? database?.url ?? "";
  const log = createLogger({ level: "silent", role: "test" });
  const db = openDatabase(url, { log, connections: options.connections ?? 10 });
  await migrateToLatest(db);
  const policy = await loadPolicy(policyFile);
  const folder = mkdtempSync(join(tmpdir(), "briareus-evidence-"));
  const evidenceUrl = `file://${folder}`;
  const evidence = openBlobStore(evidenceUrl, { log });
  let nowMs = Date.now();
  const context: ReviewContext = {
    db,
    log,
    now: () => nowMs,
    policy: () => policy,
    evidence,
    timing: defaultTiming,
    ...options.context,
  };
  const close = async () => {
    await db.destroy();
    await database?.stop();
    await evidence.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    context,
    url,
    evidenceUrl,
    advance: (ms) => {
      nowMs += ms;
    },
    async addUser(name, role = "moderator") {
      const { id } = await db
        .insertInto("users")
        .values({ subject: `test|${name}`, name, role, scopes: [] })
        .returning("id")
        .executeTakeFirstOrThrow();
      return { kind: "person", id, name, role, scopes: [] };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

export interface FlaggedFacts extends Partial<Verdict> {
  category?: string;
  severity?: Severity;
  score?: number;
  /** When it was taken, ms since 1970. */
  takenAtMs?: number;
}

/** A flagged verdict of a stream, of the pornography category at score 0.94 unless said. */
export function flagged(streamId: string, captureId: string, facts: FlaggedFacts = {}): Verdict {
  const { category = "pornography", severity = "severe", score = 0.94, takenAtMs = Date.now(), ...rest } = facts;
  const finding: Finding = {
    category,
    severity,
    score,
    threshold: 0.8,
    rule: "single-frame",
    model: "nsfw",
    label: "Porn",
  };
  return {
    schemaVersion: 1,
    captureId,
    streamId,
    capturedAt: new Date(takenAtMs).toISOString(),
    imageUri: `https://pictures.example/${captureId}.jpg`,
    attributes: {},
    verdict: "flagged",
    reason: null,
    detail: null,
    findings: [finding],
    scores: [{ model: "nsfw", version: "1", scores: { Porn: score, Neutral: 1 - score } }],
    policyVersion: "nsfw-1",
    review: "flagged",
    evidence: null,
    thumbnail: null,
    width: 1280,
    height: 720,
    times: { receivedAtMs: takenAtMs + 50 },
    decidedAtMs: takenAtMs + 400,
    ...rest,
  };
}

/** A clean verdict that people are shown all the same: as context, or drawn at random. */
export function clean(
  streamId: string,
  captureId: string,
  review: "context" | "sampled",
  facts: FlaggedFacts = {},
): Verdict {
  const scores = [{ model: "nsfw", version: "1", scores: { Porn: facts.score ?? 0.1, Neutral: 0.9 } }];
  return { ...flagged(streamId, captureId, facts), verdict: "clean", findings: [], scores, review };
}

/** How many of the database's sessions wait for a lock now. */
export async function waitingForLocks({ context }: TestReview): Promise<number> {
  const { waiting } = await context.db
    .selectNoFrom(
      sql<number>`(select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database())`.as("waiting"),
    )
    .executeTakeFirstOrThrow();
  return waiting;
}
