import { z } from "zod";
import { readApi } from "../../src/review/api/openapi.ts";
import { createReviewServer } from "../../src/review/api/server.ts";
import { openDatabase } from "../../src/review/database/connection.ts";
import { createEventFeed } from "../../src/review/events/event-feed.ts";
import { readWaiting } from "../../src/review/incidents/waiting.ts";
import { defaultTiming, type ReviewContext } from "../../src/review/review-context.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { markdownTable } from "./markdown-table.ts";

const Paths = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ summary: z.string(), description: z.string() }))),
});

/** The OpenAPI document of the review API, and its routes as a table. Nothing is connected to and nothing listens. */
export async function reviewApi(): Promise<{ document: string; routeTable: string }> {
  const log = createLogger({ level: "silent", role: "documents" });
  const unused = () => {
    throw new Error("no request is answered here");
  };
  const context: ReviewContext = {
    db: openDatabase("postgres://nobody.invalid/none", { log }),
    log,
    now: Date.now,
    policy: unused,
    evidence: { put: unused, get: unused, delete: unused, sweep: unused, close: unused },
    timing: defaultTiming,
  };
  const events = createEventFeed(context, readWaiting);
  const publicUrl = () => "http://127.0.0.1:8080";
  const parts = { context, host: "127.0.0.1", publicUrl, oidc: undefined, events, captures: { publish: unused } };
  const app = await createReviewServer(parts, { consoleFolder: import.meta.dirname });
  await app.ready();
  const document = readApi(app);
  await app.close();
  await context.db.destroy();
  return { document: `${JSON.stringify(document, null, 2)}\n`, routeTable: routeTable(document) };
}

function routeTable(document: object): string {
  const rows = Object.entries(Paths.parse(document).paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary, description }]) => {
      const access = description.split("\n\n").at(-1) ?? "";
      const needs = /^Needs (.*?)\./.exec(access)?.[1] ?? "nothing";
      return [`\`${method.toUpperCase()} ${path}\``, needs, `${summary}.`];
    }),
  );
  return markdownTable(["route", "needs", "does"], rows);
}
