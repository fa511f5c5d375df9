/** What is told of incidents: lists of them, and one as a whole. */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FramePage, Incident, IncidentPage } from "../../src/review/contract/incident.ts";
import { listIncidents } from "../../src/review/incidents/list-incidents.ts";
import { listFrames } from "../../src/review/incidents/read-frames.ts";
import { readIncident } from "../../src/review/incidents/read-incident.ts";
import { readSummaries } from "../../src/review/incidents/summaries.ts";
import { startReview, type TestReview } from "../review.ts";
import { addDecision, addFrames, addIncident } from "../review-rows.ts";

describe("a list of incidents", () => {
  let review: TestReview;
  beforeAll(async () => {
    review = await startReview();
  });
  afterAll(() => review.close());

  const idsOf = async (filters: Parameters<typeof listIncidents>[1], sort?: "priority" | "waiting" | "target") =>
    (await listIncidents(review.context, filters, { limit: 100, sort })).items.map(({ id }) => id);

  test("is paged without gaps or repeats in each order, whatever keys are equal", async () => {
    const { context } = review;
    for (let n = 0; n < 23; n += 1) {
      await addIncident(context, {
        stream_id: "paged",
        priority: n % 4 === 0 ? 0.1 + n / 3 : 7.3,
        target_at: new Date(Date.UTC(2026, 10, 22) + (n % 5)),
      });
    }
    // Microseconds, which a JavaScript date would cut off.
    const opened_at = sql<Date>`timestamptz '2026-11-22 10:00Z' + (id % 3) * interval '1 microsecond'`;
    await context.db.updateTable("incidents").set({ opened_at }).where("stream_id", "=", "paged").execute();
    const filters = { search: "paged" };
    for (const sort of ["priority", "waiting", "target"] as const) {
      const whole = await listIncidents(context, filters, { limit: 100, sort });
      expect(whole.items).toHaveLength(23);
      expect(whole).toMatchObject({ total: 23, next: null });
      const paged: number[] = [];
      let cursor: string | undefined;
      do {
        const page = IncidentPage.parse(await listIncidents(context, filters, { limit: 4, sort, cursor }));
        expect(page.total).toBe(23);
        paged.push(...page.items.map(({ id }) => id));
        cursor = page.next ?? undefined;
      } while (cursor);
      expect(paged).toEqual(whole.items.map(({ id }) => id));
    }
  });

  test("is ordered by priority, by time waited, or by what is due next", async () => {
    const { context } = review;
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
    const facts = { stream_id: "ordered" };
    const a = await addIncident(context, { ...facts, priority: 1, opened_at: at(2), target_at: at(9) });
    const b = await addIncident(context, { ...facts, priority: 3, opened_at: at(3), target_at: at(8) });
    const c = await addIncident(context, { ...facts, priority: 2, opened_at: at(1), target_at: at(7) });
    const filters = { search: "ordered" };
    expect(await idsOf(filters)).toEqual([b, c, a]);
    expect(await idsOf(filters, "waiting")).toEqual([c, a, b]);
    expect(await idsOf(filters, "target")).toEqual([c, b, a]);
  });

  test("refuses cursors that it did not give out for this order", async () => {
    const { context } = review;
    await addIncident(context);
    await addIncident(context);
    const { next } = await listIncidents(context, {}, { limit: 1, sort: "waiting" });
    const forged = Buffer.from(JSON.stringify(["priority", 1e300, 1])).toString("base64url");
    for (const cursor of ["", "x", String(next), forged, `${next}x`]) {
      const page = { limit: 1, sort: "priority" as const, cursor };
      await expect(listIncidents(context, {}, page)).rejects.toMatchObject({ code: "invalid" });
    }
  });

  test("passes what all its filters pass", async () => {
    const { context } = review;
    const facts = { stream_id: "filtered", category: "suggestive", severity: "low", model: "m2" } as const;
    const plain = await addIncident(context, { ...facts, policy_version: "p9" });
    const sampled = await addIncident(context, { ...facts, kind: "sampled", state: "closed" });
    const search = "filtered";
    expect(await idsOf({ search, severity: ["low", "high"], category: ["suggestive"], model: ["m2"] })).toEqual([
      plain,
      sampled,
    ]);
    expect(await idsOf({ search, state: ["closed"] })).toEqual([sampled]);
    expect(await idsOf({ search, kind: "flagged" })).toEqual([plain]);
    expect(await idsOf({ search, policyVersion: "p9" })).toEqual([plain]);
    expect(await idsOf({ search, severity: ["severe"] })).toEqual([]);
    expect(await idsOf({ search, severity: [] })).toEqual([plain, sampled]);
  });

  test("finds parts of stream ids and titles, whole capture ids, and takes no sign as a wildcard", async () => {
    const { context } = review;
    const percent = await addIncident(context, { stream_id: "odd%_\\Name" });
    const other = await addIncident(context, { stream_id: "odd-name" });
    await context.db.updateTable("streams").set({ title: "Chess, late" }).where("stream_id", "=", "odd-name").execute();
    await addFrames(context, other, [{ capture_id: "c'); drop table frames; --" }]);
    expect(await idsOf({ search: " ODD%_\\n " })).toEqual([percent]);
    expect(await idsOf({ search: "d%n" })).toEqual([]);
    expect(await idsOf({ search: "chess" })).toEqual([other]);
    expect(await idsOf({ search: "c'); drop table frames; --" })).toEqual([other]);
    expect(await idsOf({ search: "c'); drop table frames; -" })).toEqual([]);
    expect(await idsOf({ search: "\0" })).toEqual([]);
    expect(await idsOf({ category: ["\0"] })).toEqual([]);
    expect(await idsOf({ search: "\ud800" })).toEqual([]);
  });

  test("names who holds an incident now, and finds it by them", async () => {
    const { context } = review;
    const holder = await review.addUser("Person Two");
    const held = await addIncident(context, { stream_id: "held" });
    const now = new Date(context.now());
    const lease = { incident_id: held, user_id: holder.id, slot: "current", granted_at: now, expires_at: now } as const;
    const ended = { ended_at: now, ended_by: "released" } as const;
    await context.db
      .insertInto("leases")
      .values([{ ...lease, ...ended }, { ...lease }])
      .execute();
    const { items } = await listIncidents(context, { holder: holder.id }, { limit: 10 });
    expect(items).toMatchObject([{ id: held, holder: { id: holder.id, name: "Person Two", initials: "PT" } }]);
    expect(await idsOf({ holder: "nobody" })).toEqual([]);
  });
});

describe("summaries", () => {
  test("come in the order asked for, without those that are not there", async () => {
    await using review = await startReview();
    const [first, second] = [await addIncident(review.context), await addIncident(review.context)];
    const ids = [second, 999, first];
    expect((await readSummaries(review.context.db, ids)).map(({ id }) => id)).toEqual([second, first]);
    expect(await readSummaries(review.context.db, [])).toEqual([]);
  });
});

describe("an incident", () => {
  let review: TestReview;
  beforeAll(async () => {
    review = await startReview();
  });
  afterAll(() => review.close());

  test("is told with its frames by the moment taken, its trigger, history, escalation, links and decisions", async () => {
    const { context } = review;
    const [viewer, lead] = [await review.addUser("Vera", "viewer"), await review.addUser("Lea Dahl", "lead")];
    await context.db
      .insertInto("streams")
      .values(
        ["s1", "s2", "s3"].map((stream_id) => ({
          stream_id,
          streamer_id: stream_id === "s3" ? "another" : "streamer",
          last_seen_at: new Date(),
        })),
      )
      .execute();
    await context.db.insertInto("streamers").values({ streamer_id: "streamer", confirmed: 3, dismissed: 1 }).execute();
    const earlier = await addIncident(context, { stream_id: "s2", state: "closed", closed_at: new Date(0) });
    const superseded = { outcome: "no-violation", superseded_at: new Date(), decided_at: new Date(0) } as const;
    await addDecision(context, earlier, lead, superseded);
    await addDecision(context, earlier, lead, { outcome: "violation", category: "suggestive", action: "warn" });
    await addIncident(context, { stream_id: "s3" });
    const id = await addIncident(context, {
      stream_id: "s1",
      escalated_at: new Date(1_000),
      escalated_by: lead.id,
      escalation_note: "please look",
      priority_terms: JSON.stringify([{ name: "severity", points: 40, why: "severe" }]),
    });
    await addFrames(context, id, [
      { capture_id: "flagged", captured_at: new Date(3_000), score: 0.9, evidence: "e", thumbnail: "t" },
      { capture_id: "before", kind: "before", captured_at: new Date(1_000), thumbnail: "t" },
      { capture_id: "gone", captured_at: new Date(2_000), evidence: "e", evidence_deleted_at: new Date() },
    ]);
    const later = await addIncident(context, { stream_id: "s1", linked_to: id });

    const incident = Incident.parse(await readIncident(context, id, viewer));
    expect(incident.frames.map(({ captureId, picture, thumbnail }) => [captureId, picture, thumbnail])).toEqual([
      ["before", "none", "available"],
      ["gone", "expired", "none"],
      ["flagged", "available", "available"],
    ]);
    expect(incident).toMatchObject({
      id,
      newestFrame: 3,
      trigger: "flagged",
      history: { confirmed: 3, dismissed: 1 },
      priorityTerms: [{ points: 40 }],
      escalation: { at: new Date(1_000).toISOString(), by: { name: "Lea Dahl" }, note: "please look" },
      linkedTo: null,
      linkedFrom: [later],
      decisions: [],
    });
    expect(incident.earlier).toEqual([
      {
        id: earlier,
        category: "pornography",
        severity: "severe",
        closedAt: new Date(0).toISOString(),
        outcome: "violation",
        action: "warn",
      },
    ]);
    expect((await readIncident(context, earlier, viewer))?.decisions).toMatchObject([
      { outcome: "no-violation", by: { initials: "LD" } },
      { outcome: "violation", action: "warn", streamId: "s2" },
    ]);
  });

  test("of thousands of frames is told with at most 200, among them the ends, the trigger and the highest score; the others by the page", async () => {
    const { context } = review;
    const viewer = await review.addUser("Viv", "viewer");
    const id = await addIncident(context, { stream_id: "long" });
    const frames = Array.from({ length: 3_000 }, (_, index) => ({
      kind: index < 40 ? ("before" as const) : ("flagged" as const),
      score: index === 1_234 ? 0.99 : 0.8,
    }));
    for (let at = 0; at < frames.length; at += 1_000) await addFrames(context, id, frames.slice(at, at + 1_000));
    const incident = await readIncident(context, id, viewer);
    const numbers = incident?.frames.map(({ number }) => number) ?? [];
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers.length).toBeLessThanOrEqual(200);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers).toEqual(expect.arrayContaining([1, 30, 41, 1_235, 2_971, 3_000]));
    expect(incident?.trigger).toBe(`capture-${id}-41`);

    const all: number[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const page: FramePage = await listFrames(context, id, viewer, { after, limit: 700 });
      all.push(...page.items.map(({ number }) => number));
      after = page.next;
    }
    expect(all).toEqual(frames.map((_, index) => index + 1));
  });

  test("that does not exist is undefined, whatever its number", async () => {
    const viewer = await review.addUser("Vic", "viewer");
    for (const id of [99_999, 0, -1, 1.5, Number.NaN, 2 ** 60])
      expect(await readIncident(review.context, id, viewer)).toBeUndefined();
  });

  test("is read inside of a transaction that has changed it", async () => {
    const viewer = await review.addUser("Val", "viewer");
    const id = await addIncident(review.context, { stream_id: "inside" });
    await review.context.db.transaction().execute(async (db) => {
      await db.updateTable("incidents").set({ state: "escalated" }).where("id", "=", id).execute();
      expect((await readIncident(review.context, id, viewer, db))?.state).toBe("escalated");
      expect((await readIncident(review.context, id, viewer))?.state).toBe("open");
    });
  });
});
