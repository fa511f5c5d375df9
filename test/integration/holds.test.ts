/** Who holds what, and that nobody holds what another has. */
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { assignIncidents } from "../../src/review/decisions/assign.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { recordReveals } from "../../src/review/exposure/reveals.ts";
import { claimNext } from "../../src/review/holds/claim-next.ts";
import { expireHolds } from "../../src/review/holds/expire-holds.ts";
import { heartbeat } from "../../src/review/holds/heartbeat.ts";
import { releaseHolds } from "../../src/review/holds/release.ts";
import { skipIncident } from "../../src/review/holds/skip.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { startReview, type TestReview } from "../review.ts";
import { addIncident } from "../review-incidents.ts";

let review: TestReview;
let people = 0;
beforeAll(async () => {
  review = await startReview({ connections: 20 });
});
afterAll(() => review.close());

const moderator = () => review.addUser(`Person ${++people}`);
const lead = () => review.addUser(`Lead ${++people}`, "lead");

beforeEach(async () => {
  await review.context.db
    .updateTable("leases")
    .set({ ended_at: new Date(), ended_by: "released" })
    .where("ended_at", "is", null)
    .execute();
  await review.context.db.updateTable("incidents").set({ state: "closed", joinable: false }).execute();
});

const stateOf = async (id: number) =>
  (await review.context.db.selectFrom("incidents").select("state").where("id", "=", id).executeTakeFirstOrThrow())
    .state;
const dismiss = (actor: PersonActor, hold: { token: number; incident: { id: number; newestFrame: number } }) =>
  decide(review.context, actor, hold.incident.id, {
    token: hold.token,
    seenThrough: hold.incident.newestFrame,
    outcome: "no-violation",
    note: "",
    withoutPicture: false,
  });

describe("claim-next", () => {
  test("gives the most urgent incident to look at and the next one in reserve", async () => {
    const [mild, urgent] = [
      await addIncident(review.context, { priority: 20 }),
      await addIncident(review.context, { priority: 80 }),
    ];
    const claim = await claimNext(review.context, await moderator());
    expect([claim.current?.incident.id, claim.standby?.incident.id]).toEqual([urgent, mild]);
    expect(await stateOf(urgent)).toBe("assigned");
  });

  test("gives the same again when it is asked again, and nothing when nothing waits", async () => {
    const actor = await moderator();
    expect(await claimNext(review.context, actor)).toMatchObject({ current: null, standby: null });
    await addIncident(review.context);
    const first = await claimNext(review.context, actor);
    expect((await claimNext(review.context, actor)).current?.token).toBe(first.current?.token);
  });

  test("the reserve comes up once the first is decided", async () => {
    const actor = await moderator();
    for (const priority of [90, 80, 70]) await addIncident(review.context, { priority });
    const { current, standby } = await claimNext(review.context, actor);
    if (!current) throw new Error("nothing was claimed");
    await dismiss(actor, current);
    const next = await claimNext(review.context, actor);
    expect(next.current).toMatchObject({ token: standby?.token, slot: "current" });
    expect(next.standby?.incident.priority).toBe(70);
  });

  test("a reserve that nobody has seen makes way for what is much more urgent", async () => {
    const actor = await moderator();
    for (const priority of [60, 50]) await addIncident(review.context, { priority });
    const before = await claimNext(review.context, actor);
    await addIncident(review.context, { priority: 55 });
    expect((await claimNext(review.context, actor)).standby?.token).toBe(before.standby?.token);
    const urgent = await addIncident(review.context, { priority: 95 });
    const after = await claimNext(review.context, actor);
    expect(after).toMatchObject({ current: { token: before.current?.token }, standby: { incident: { id: urgent } } });
    expect(await stateOf(before.standby?.incident.id ?? 0)).toBe("open");
  });

  test("many people at once are given no incident twice", async () => {
    const actors = await Promise.all(Array.from({ length: 8 }, moderator));
    for (let count = 0; count < 60; count += 1) await addIncident(review.context, { priority: count });
    const seen: number[] = [];
    await Promise.all(
      actors.map(async (actor) => {
        for (;;) {
          const { current } = await claimNext(review.context, actor);
          if (!current) return;
          seen.push(current.incident.id);
          await dismiss(actor, current);
        }
      }),
    );
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  test("two people who claim 500 incidents each are given no incident twice", async () => {
    const each = 500;
    const { db } = review.context;
    const [first, second] = [await moderator(), await moderator()];
    const model = await addIncident(review.context, { severity: "low" });
    await sql`
      insert into incidents (stream_id, category, kind, severity, state, joinable, opened_at, last_flagged_at,
        first_captured_at, target_at, frame_count, flagged_count, peak_score, model, model_version, policy_version,
        priority, priority_terms)
      select stream_id, category, kind, severity, state, false, opened_at, last_flagged_at, first_captured_at,
        target_at, frame_count, flagged_count, peak_score, model, model_version, policy_version, (n * 37) % 100, '[]'
      from incidents, generate_series(1, ${2 * each + 1}) as n where id = ${model}`.execute(db);
    const seen: number[] = [];
    await Promise.all(
      [first, second].map(async (actor) => {
        for (let count = 0; count < each; count += 1) {
          const { current } = await claimNext(review.context, actor);
          if (!current) throw new Error(`nothing was left after ${count}`);
          seen.push(current.incident.id);
          await sql`
            with ended as (update leases set ended_at = granted_at, ended_by = 'decided' where token = ${current.token})
            update incidents set state = 'closed' where id = ${current.incident.id}`.execute(db);
        }
      }),
    );
    expect(new Set(seen).size).toBe(2 * each);
  }, 180_000);

  test("what has been on the screen is not swapped, nor what the page says it shows by now", async () => {
    const actor = await moderator();
    const [first = 0, second = 0, third = 0] = [
      await addIncident(review.context, { priority: 50 }),
      await addIncident(review.context, { priority: 40 }),
      await addIncident(review.context, { priority: 5 }),
    ];
    const { current, standby } = await claimNext(review.context, actor);
    if (!current || !standby) throw new Error("nothing was claimed");
    await addIncident(review.context, { priority: 99 });
    await dismiss(actor, current);
    // The page has shown the reserve at once, without waiting for an answer.
    const next = await claimNext(review.context, actor, { known: [standby.token] });
    expect(next.current).toMatchObject({ token: standby.token, incident: { id: second } });
    await takeIncident(review.context, actor, third, { takeOver: false });
    await addIncident(review.context, { priority: 98 });
    const last = await claimNext(review.context, actor);
    expect([last.current?.incident.id, last.standby?.incident.id]).toEqual([third, second]);
    expect(await stateOf(first)).toBe("closed");
  });

  test("a reserve that the page has not shown yet makes way even when the first is gone", async () => {
    const actor = await moderator();
    for (const priority of [50, 40]) await addIncident(review.context, { priority });
    const { current } = await claimNext(review.context, actor);
    if (!current) throw new Error("nothing was claimed");
    const urgent = await addIncident(review.context, { priority: 99 });
    await dismiss(actor, current);
    expect((await claimNext(review.context, actor)).current?.incident.id).toBe(urgent);
  });

  test("leads get what is escalated before what is merely urgent", async () => {
    await addIncident(review.context, { priority: 99 });
    const id = await addIncident(review.context, { state: "escalated", escalated_at: new Date(), priority: 1 });
    expect((await claimNext(review.context, await lead())).current?.incident.id).toBe(id);
  });

  test("incidents with a finding that the law restricts are offered to those with the grant alone", async () => {
    const { categories, ...policy } = review.context.policy();
    const restricted = Object.fromEntries(
      Object.entries(categories).map(([name, it]) => [name, { ...it, restricted: name === "pornography" }]),
    );
    const context = { ...review.context, policy: () => ({ ...policy, categories: restricted }) };
    // Its own category is harmless; one of its frames was found to be restricted.
    const id = await addIncident(review.context);
    await review.context.db.updateTable("incidents").set({ category: "sexy" }).where("id", "=", id).execute();
    const boss = await lead();
    expect((await claimNext(context, boss)).current).toBeNull();
    await expect(takeIncident(context, boss, id, { takeOver: false })).rejects.toMatchObject({ code: "forbidden" });
    const granted = { ...(await lead()), scopes: ["restricted" as const] };
    expect((await claimNext(context, granted)).current?.incident.id).toBe(id);
  });

  test("two tabs of one person are given the same two holds", async () => {
    const actor = await moderator();
    for (let count = 0; count < 6; count += 1) await addIncident(review.context);
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimNext(review.context, actor)));
    expect(new Set(claims.map(({ current }) => current?.token)).size).toBe(1);
    expect(new Set(claims.map(({ standby }) => standby?.token)).size).toBe(1);
  });

  test("escalated incidents are for leads", async () => {
    const id = await addIncident(review.context, { state: "escalated", escalated_at: new Date() });
    expect((await claimNext(review.context, await moderator())).current).toBeNull();
    expect((await claimNext(review.context, await lead())).current?.incident.id).toBe(id);
  });

  test("an assigned incident is offered to that person alone, until the time is over", async () => {
    const [chosen, other] = [await moderator(), await moderator()];
    const id = await addIncident(review.context);
    await assignIncidents(review.context, await lead(), { incidents: [id], userId: chosen.id });
    expect((await claimNext(review.context, other)).current).toBeNull();
    expect((await claimNext(review.context, chosen)).current?.incident.id).toBe(id);
    await releaseHolds(review.context, chosen, [(await claimNext(review.context, chosen)).current?.token ?? 0]);
    review.advance(1_800_001);
    expect((await claimNext(review.context, other)).current?.incident.id).toBe(id);
  });
});

describe("holds", () => {
  const claimed = async (actor: PersonActor) => {
    const id = await addIncident(review.context);
    const { current } = await claimNext(review.context, actor);
    if (!current) throw new Error("nothing was claimed");
    return { id, hold: current };
  };

  test("are renewed by a heartbeat, and end without one", async () => {
    const actor = await moderator();
    const { id, hold } = await claimed(actor);
    review.advance(110_000);
    const renewed = await heartbeat(review.context, actor, [hold.token]);
    expect(Date.parse(renewed.holds[0]?.expiresAt ?? "")).toBe(review.context.now() + 120_000);
    review.advance(120_001);
    await expireHolds(review.context);
    expect(await stateOf(id)).toBe("open");
    expect((await heartbeat(review.context, actor, [hold.token])).holds[0]).toMatchObject({
      expiresAt: null,
      endedBy: "expired",
    });
  });

  test("nobody acts by a hold that has ended, even if nobody else has the incident yet", async () => {
    const actor = await moderator();
    const { hold } = await claimed(actor);
    review.advance(120_001);
    await expect(dismiss(actor, hold)).rejects.toMatchObject({ code: "stale-hold", holder: null });
  });

  test("nobody acts by a hold that another has taken over, and is told who", async () => {
    const [actor, boss] = [await moderator(), await lead()];
    const { id, hold } = await claimed(actor);
    await expect(takeIncident(review.context, boss, id, { takeOver: false })).rejects.toMatchObject({
      code: "held-by-another",
      holder: { id: actor.id },
    });
    await takeIncident(review.context, boss, id, { takeOver: true });
    await expect(dismiss(actor, hold)).rejects.toMatchObject({ code: "stale-hold", holder: { name: boss.name } });
    expect((await heartbeat(review.context, actor, [hold.token])).holds[0]).toMatchObject({
      endedBy: "taken-over",
      holder: { id: boss.id },
    });
  });

  test("moderators do not take over, and another person's token is worth nothing", async () => {
    const [actor, other] = [await moderator(), await moderator()];
    const { id, hold } = await claimed(actor);
    await expect(takeIncident(review.context, other, id, { takeOver: true })).rejects.toMatchObject({
      code: "held-by-another",
    });
    await expect(dismiss(other, hold)).rejects.toMatchObject({ code: "stale-hold" });
    await expect(
      skipIncident(review.context, other, id, { token: hold.token, reason: "unsure" }),
    ).rejects.toMatchObject({
      code: "stale-hold",
    });
    await releaseHolds(review.context, other, [hold.token]);
    expect(await stateOf(id)).toBe("assigned");
  });

  test("taking an incident puts the present one in reserve and the reserve back", async () => {
    const actor = await moderator();
    const ids = [];
    for (const priority of [90, 80, 10]) ids.push(await addIncident(review.context, { priority }));
    await claimNext(review.context, actor);
    const taken = await takeIncident(review.context, actor, ids[2] ?? 0, { takeOver: false });
    expect(taken.slot).toBe("current");
    const after = await claimNext(review.context, actor);
    expect([after.current?.incident.id, after.standby?.incident.id]).toEqual([ids[2], ids[0]]);
    expect(await stateOf(ids[1] ?? 0)).toBe("open");
  });

  test("a skipped incident comes to others at once, and to the same person half an hour later", async () => {
    const [actor, other] = [await moderator(), await moderator()];
    const { id, hold } = await claimed(actor);
    await skipIncident(review.context, actor, id, { token: hold.token, reason: "language" });
    expect((await claimNext(review.context, actor)).current).toBeNull();
    const theirs = (await claimNext(review.context, other)).current;
    expect(theirs?.incident.id).toBe(id);
    await releaseHolds(review.context, other, [theirs?.token ?? 0]);
    review.advance(1_800_001);
    expect((await claimNext(review.context, actor)).current?.incident.id).toBe(id);
  });
});

test("past the exposure budget milder incidents are offered, and what is held can still be decided", async () => {
  const actor = await moderator();
  const severe = await addIncident(review.context, { priority: 99 });
  const { current } = await claimNext(review.context, actor);
  if (!current) throw new Error("nothing was claimed");
  await addIncident(review.context, { priority: 90 });
  const mild = await addIncident(review.context, { priority: 5, severity: "medium" });
  await recordReveals(review.context, actor, [
    { incidentId: severe, captureId: "capture", ms: 600_000, at: new Date(review.context.now()).toISOString() },
  ]);
  await dismiss(actor, current);
  const next = await claimNext(review.context, actor);
  expect(next.budget).toMatchObject({ why: "time" });
  expect([next.current?.incident.id, next.standby]).toEqual([mild, null]);
  review.advance(3_600_001);
  expect((await claimNext(review.context, actor)).current?.incident.severity).toBe("severe");
});
