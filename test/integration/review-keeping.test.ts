/** What is kept for people, what they keep for each other, and what is forgotten. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { assignIncidents } from "../../src/review/decisions/assign.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { forgetReplies } from "../../src/review/decisions/forget-replies.ts";
import { replayed } from "../../src/review/decisions/idempotency.ts";
import { setLegalHold } from "../../src/review/decisions/legal-hold.ts";
import { recentDecisions } from "../../src/review/decisions/recent.ts";
import { undoDecision } from "../../src/review/decisions/undo.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { startReview, type TestReview } from "../review.ts";
import { addIncident } from "../review-incidents.ts";

const dayMs = 86_400_000;

let review: TestReview;
let actor: PersonActor;
let boss: PersonActor;
beforeAll(async () => {
  review = await startReview();
  actor = await review.addUser("One");
  boss = await review.addUser("Two", "lead");
});
afterAll(() => review.close());

async function dismissed(by: PersonActor) {
  const id = await addIncident(review.context);
  const { token } = await takeIncident(review.context, by, id, { takeOver: false });
  review.advance(1_000);
  return decide(review.context, by, id, {
    token,
    seenThrough: 1,
    outcome: "no-violation",
    note: "",
    withoutPicture: false,
  });
}

test("people see their own last decisions, newest first, undone ones too", async () => {
  const first = await dismissed(actor);
  await dismissed(boss);
  const second = await dismissed(actor);
  await undoDecision(review.context, actor, second.id);
  const recent = await recentDecisions(review.context, actor, 10);
  expect(recent.map(({ id, undoneAt }) => [id, undoneAt === null])).toEqual([
    [second.id, false],
    [first.id, true],
  ]);
  expect(await recentDecisions(review.context, actor, 1)).toHaveLength(1);
});

test("what cannot be assigned is named: held and closed ones, escalated ones to moderators; only who decides is given any", async () => {
  const open = await addIncident(review.context);
  const held = await addIncident(review.context);
  await takeIncident(review.context, actor, held, { takeOver: false });
  const closed = await addIncident(review.context, { state: "closed" });
  const escalated = await addIncident(review.context, { state: "escalated", escalated_at: new Date() });
  const incidents = [open, held, closed, escalated, 99_999];
  expect(await assignIncidents(review.context, boss, { incidents, userId: actor.id })).toEqual({
    assigned: [open],
    refused: [
      { id: held, why: "assigned" },
      { id: closed, why: "closed" },
      { id: escalated, why: "escalated" },
      { id: 99_999, why: "unknown" },
    ],
  });
  expect((await assignIncidents(review.context, boss, { incidents: [escalated], userId: boss.id })).refused).toEqual(
    [],
  );
  const viewer = await review.addUser("Viewer", "viewer");
  for (const userId of [viewer.id, randomUUID()]) {
    await expect(assignIncidents(review.context, boss, { incidents, userId })).rejects.toMatchObject({
      code: "invalid",
    });
  }
});

test("a legal hold is set and lifted, each once in the log with its reason", async () => {
  const id = await addIncident(review.context);
  for (const on of [true, true, false]) await setLegalHold(review.context, boss, id, { on, reason: "Case 7" });
  const lines = await review.context.db
    .selectFrom("activity")
    .select(["kind", "details"])
    .where("incident_id", "=", id)
    .orderBy("id")
    .execute();
  expect(lines).toEqual([
    { kind: "legal-hold-set", details: { reason: "Case 7" } },
    { kind: "legal-hold-lifted", details: { reason: "Case 7" } },
  ]);
  await expect(setLegalHold(review.context, boss, 99_999, { on: true, reason: "Case 8" })).rejects.toMatchObject({
    code: "not-found",
  });
});

test("first answers are forgotten after a week, not before", async () => {
  const key = randomUUID();
  let runs = 0;
  const ask = () => replayed(review.context, actor, key, "the same", async () => ({ runs: ++runs }));
  await ask();
  review.advance(7 * dayMs - 1_000);
  await forgetReplies(review.context);
  expect(await ask()).toEqual({ runs: 1 });
  review.advance(2_000);
  await forgetReplies(review.context);
  expect(await ask()).toEqual({ runs: 2 });
});
