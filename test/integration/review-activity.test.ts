/** The log that nothing is taken from: reading, exporting, and every way to change it. */
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendActivity } from "../../src/review/activity/append.ts";
import { exportActivity } from "../../src/review/activity/export.ts";
import { readActivity } from "../../src/review/activity/read-activity.ts";
import { ActivityEntry, ActivityPage } from "../../src/review/contract/incident.ts";
import { startReview, type TestReview } from "../review.ts";

const lines = 2_345;
const formula = '=HYPERLINK("http://x")';

let review: TestReview;
beforeAll(async () => {
  review = await startReview();
  const user = await review.addUser('Ann "the" O\'Neil, 2nd', "lead");
  await appendActivity(
    review.context.db,
    Array.from({ length: lines }, (_, n) => ({
      actor: n % 2 === 0 ? `user:${user.id}` : "system",
      kind: "stream-updated" as const,
      incidentId: n % 100 === 0 ? 7 : undefined,
      streamId: n === 5 ? formula : undefined,
      details: { n },
    })),
  );
});
afterAll(() => review.close());

const exported = async (request: Parameters<typeof exportActivity>[1]) => {
  const pieces: string[] = [];
  for await (const piece of exportActivity(review.context, request)) pieces.push(piece);
  return pieces;
};

test.each(["update activity set kind = 'x'", "delete from activity", "truncate activity", "truncate activity cascade"])(
  "the database refuses: %s",
  async (statement) => {
    await expect(sql.raw(statement).execute(review.context.db)).rejects.toThrow("append-only");
  },
);

test("it is read newest first, a page at a time, with the names of who acted", async () => {
  const numbers: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = ActivityPage.parse(await readActivity(review.context, { cursor, limit: 500 }));
    for (const entry of page.items)
      expect(entry.actorName).toBe(entry.actor === "system" ? null : 'Ann "the" O\'Neil, 2nd');
    numbers.push(...page.items.map(({ details }) => details.n));
    cursor = page.next ?? undefined;
  } while (cursor);
  expect(numbers).toEqual(Array.from({ length: lines }, (_, n) => lines - 1 - n));
});

test("it is read of one incident alone", async () => {
  const { items, next } = await readActivity(review.context, { incidentId: 7, limit: 100 });
  expect(items.map(({ details }) => details.n)).toEqual(Array.from({ length: 24 }, (_, n) => 2_300 - n * 100));
  expect(next).toBeNull();
});

test("it takes no cursor but its own", async () => {
  for (const cursor of ["", "1", "bGluZSB4", Buffer.from(`line ${"9".repeat(30)}`).toString("base64url")])
    await expect(readActivity(review.context, { cursor, limit: 1 })).rejects.toMatchObject({ code: "invalid" });
});

test("it is exported whole as JSON Lines, oldest first, in pieces, though all lines are of one moment", async () => {
  const pieces = await exported({ format: "jsonl" });
  expect(pieces.length).toBe(3);
  const entries = pieces
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => ActivityEntry.parse(JSON.parse(line)));
  expect(entries.map(({ details }) => details.n)).toEqual(Array.from({ length: lines }, (_, n) => n));
  expect(entries[5]?.streamId).toBe(formula);
});

test("it is exported as CSV with a head row, and formulas are defused", async () => {
  const rows = (await exported({ format: "csv" })).join("").trimEnd().split("\r\n");
  expect(rows).toHaveLength(lines + 1);
  expect(rows[0]).toBe("id,at,actor,actorName,kind,incidentId,streamId,details");
  expect(rows[1]).toMatch(/^1,[^,]+Z,user:[^,]+,"Ann ""the"" O'Neil, 2nd",stream-updated,7,,"\{""n"":0\}"$/);
  expect(rows[6]).toContain(`,"'=HYPERLINK(""http://x"")",`);
});

test("it is exported from one moment up to another", async () => {
  const future = new Date(Date.now() + 3_600_000).toISOString();
  const past = new Date(Date.now() - 3_600_000).toISOString();
  expect(await exported({ from: future, format: "jsonl" })).toEqual([]);
  expect(await exported({ to: past, format: "jsonl" })).toEqual([]);
  expect(await exported({ from: past, to: future, format: "jsonl" })).toHaveLength(3);
  expect(await exported({ to: past, format: "csv" })).toHaveLength(1);
});
