/** How much severe material people are given, and what they are told of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { budgetOf, exposureOf } from "../../src/review/exposure/budget.ts";
import { recordReveals } from "../../src/review/exposure/reveals.ts";
import { claimNext } from "../../src/review/holds/claim-next.ts";
import { changeSetting } from "../../src/review/settings/review-settings.ts";
import { startReview, type TestReview } from "../review.ts";
import { addIncident } from "../review-incidents.ts";

let review: TestReview;
let actor: PersonActor;
let people = 0;
beforeAll(async () => {
  review = await startReview();
  const boss = await review.addUser("Admin", "admin");
  const value = { severeIncidentsPerHour: 3, severeInARow: 2 };
  await changeSetting(review.context, boss, "exposure", { value, version: 0 });
});
afterAll(() => review.close());
beforeEach(async () => {
  actor = await review.addUser(`Person ${++people}`);
  await review.context.db.updateTable("incidents").set({ state: "closed" }).execute();
});

const reveal = (incidentId: number, ms: number, at = new Date(review.context.now()).toISOString()) =>
  recordReveals(review.context, actor, [{ incidentId, captureId: "capture", ms, at }]);

async function decideNext() {
  const { current, standby, budget } = await claimNext(review.context, actor);
  if (!current) throw new Error("nothing was claimed");
  await decide(review.context, actor, current.incident.id, {
    token: current.token,
    seenThrough: current.incident.newestFrame,
    outcome: "no-violation",
    note: "",
    withoutPicture: false,
  });
  review.advance(1_000);
  return { severity: current.incident.severity, reserve: standby?.incident.severity, budget };
}

describe("the budget", () => {
  test("is kept by the reserve too, which is chosen as if the first were looked at already", async () => {
    for (const priority of [90, 80, 70, 60]) await addIncident(review.context, { priority });
    for (const priority of [9, 8]) await addIncident(review.context, { priority, severity: "low" });
    expect(await decideNext()).toMatchObject({ severity: "severe", reserve: "severe", budget: null });
    expect(await decideNext()).toMatchObject({ severity: "severe", reserve: "low", budget: null });
    expect(await decideNext()).toMatchObject({ severity: "low", budget: { why: "in-a-row" } });
    expect(await decideNext()).toMatchObject({ severity: "severe", budget: null });
  });

  test("that is reached while a severe reserve waits gives it back; what is on the screen stays", async () => {
    for (const priority of [90, 80]) await addIncident(review.context, { priority });
    const before = await claimNext(review.context, actor);
    for (const _ of [1, 2, 3]) await reveal(await addIncident(review.context, { state: "closed" }), 1_000);
    const after = await claimNext(review.context, actor, {
      known: [before.current?.token ?? 0, before.standby?.token ?? 0],
    });
    expect(after).toMatchObject({
      current: { token: before.current?.token },
      standby: null,
      budget: { why: "incidents" },
    });
    const ended = await review.context.db
      .selectFrom("leases")
      .select("ended_by")
      .where("token", "=", before.standby?.token ?? 0)
      .executeTakeFirst();
    expect(ended?.ended_by).toBe("swapped");
  });
});

describe("looks", () => {
  test("are added up for the person who looked, today and in the last hour", async () => {
    const [severe, low] = [await addIncident(review.context), await addIncident(review.context, { severity: "low" })];
    await reveal(severe, 2_000);
    await reveal(severe, 1_500);
    await reveal(low, 700);
    expect(await exposureOf(review.context, actor.id)).toEqual({
      today: { low: 700, medium: 0, high: 0, severe: 3_500 },
      severeInHour: 1,
      severeMsInHour: 3_500,
    });
  });

  test("count as of now if the page's clock is wrong, and those at incidents that do not exist are passed over", async () => {
    await reveal(await addIncident(review.context), 600_000, "2031-01-01T00:00:00Z");
    await reveal(999_999, 1_000);
    expect(await budgetOf(review.context, actor.id)).toMatchObject({ why: "time" });
    review.advance(3_600_000);
    expect(await budgetOf(review.context, actor.id)).toBeNull();
  });

  test("stand in the activity log with their seconds", async () => {
    const id = await addIncident(review.context);
    await reveal(id, 2_340);
    const lines = await review.context.db.selectFrom("activity").selectAll().where("incident_id", "=", id).execute();
    expect(lines).toMatchObject([
      { kind: "picture-revealed", actor: `user:${actor.id}`, details: { captureId: "capture", seconds: 2.3 } },
    ]);
  });
});
