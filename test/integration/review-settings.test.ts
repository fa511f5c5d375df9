/** Named settings: defaults, changes, and two admins at once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { changeSetting, describeSetting, readSetting } from "../../src/review/settings/review-settings.ts";
import { startReview, type TestReview } from "../review.ts";

let review: TestReview;
let admin: PersonActor;
beforeAll(async () => {
  review = await startReview();
  admin = await review.addUser("Ada Min", "admin");
});
afterAll(() => review.close());

test("a setting that nobody changed has its defaults", async () => {
  const { context } = review;
  expect(await readSetting(context, "targets")).toMatchObject({ severe: 120_000 });
  expect((await readSetting(context, "actions")).actions.map(({ id, severe }) => [id, severe])).toEqual([
    ["warn", false],
    ["blur", false],
    ["end-stream", true],
    ["suspend", true],
  ]);
  expect(await describeSetting(context, "exposure")).toMatchObject({
    name: "exposure",
    value: { severeInARow: 8 },
    version: 0,
    changedBy: null,
    changedAt: null,
  });
});

test("a change is seen at once, says who made it, and is in the activity log from what to what", async () => {
  const { context } = review;
  const changed = await changeSetting(context, admin, "retention", { value: { severe: 365 }, version: 0 });
  const value = { low: 14, medium: 30, high: 90, severe: 365, sampled: 14 };
  const changedAt = new Date(context.now()).toISOString();
  expect(changed).toEqual({ name: "retention", value, version: 1, changedBy: "Ada Min", changedAt });
  expect(await readSetting(context, "retention")).toEqual(value);
  const [line] = await context.db.selectFrom("activity").selectAll().where("kind", "=", "setting-changed").execute();
  expect(line).toMatchObject({
    actor: `user:${admin.id}`,
    details: { name: "retention", version: 1, from: { ...value, severe: 180 }, to: value },
  });
});

test("of admins who change the same version at once one succeeds, the others are told", async () => {
  const { context } = review;
  for (const version of [0, 1]) {
    const changes = [3, 4, 5].map((severeInARow) =>
      changeSetting(context, admin, "exposure", { value: { severeInARow }, version }),
    );
    const outcomes = await Promise.allSettled(changes);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refusals).toMatchObject([{ code: "stale-version" }, { code: "stale-version" }]);
    expect(await describeSetting(context, "exposure")).toMatchObject({ version: version + 1 });
  }
  const future = changeSetting(context, admin, "targets", { value: {}, version: 7 });
  await expect(future).rejects.toMatchObject({ code: "stale-version" });
});

test("what is no such setting is refused by the name of its field", async () => {
  const refused = async (name: "retention" | "actions", value: Record<string, unknown>, words: RegExp) => {
    const change = changeSetting(review.context, admin, name, { value, version: name === "retention" ? 1 : 0 });
    await expect(change).rejects.toMatchObject({ code: "invalid", message: expect.stringMatching(words) });
  };
  const warn = { id: "warn", label: "Warn", done: "Warned", severe: false };
  await refused("retention", { severe: 0 }, /severe: /);
  await refused("retention", { low: "soon" }, /low: /);
  await refused("actions", { actions: [] }, /actions: /);
  await refused("actions", { actions: [warn, warn] }, /warn/);
});
