/** What waits: its order, its number, and whether it is more than usual. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../../src/review/access/actor.ts";
import { reprioritiseWaiting } from "../../src/review/incidents/reprioritise.ts";
import { readWaiting } from "../../src/review/incidents/waiting.ts";
import { storeVerdicts } from "../../src/review/intake/store-verdicts.ts";
import { updateStream } from "../../src/review/streams/update-stream.ts";
import { registry } from "../../src/telemetry/metrics.ts";
import { flagged, startReview, type TestReview } from "../review.ts";

let review: TestReview;
beforeAll(async () => {
  review = await startReview();
});
afterAll(() => review.close());

const minute = 60_000;
const hour = 60 * minute;
const platform: Actor = {
  kind: "key",
  id: "5f0c8f9e-0000-4000-8000-000000000000",
  name: "platform",
  role: null,
  scopes: ["ingest"],
};

const incidentOf = (streamId: string) =>
  review.context.db.selectFrom("incidents").selectAll().where("stream_id", "=", streamId).executeTakeFirstOrThrow();
const pointsOf = async (streamId: string) => {
  const { priority, priority_terms } = await incidentOf(streamId);
  return {
    total: Math.round(priority * 10) / 10,
    ...Object.fromEntries(priority_terms.map(({ name, points }) => [name, points])),
  };
};
const open = (streamId: string, attributes: Record<string, string> = {}) =>
  storeVerdicts(review.context, [flagged(streamId, `${streamId}/1`, { takenAtMs: review.context.now(), attributes })]);

describe("priorities of what waits", () => {
  test("follow the time and the streamer's record, and what hardly changed is left alone", async () => {
    await open("ages", { streamerId: "walker", viewers: "99" });
    const opened = await pointsOf("ages");
    expect(opened).toMatchObject({ age: 0, history: 0 });
    const { changed_at: before } = await incidentOf("ages");
    review.advance(4_000);
    await reprioritiseWaiting(review.context);
    expect((await incidentOf("ages")).changed_at).toEqual(before);

    review.advance(minute - 4_000);
    await review.context.db.insertInto("streamers").values({ streamer_id: "walker", confirmed: 2 }).execute();
    await reprioritiseWaiting(review.context);
    expect(await pointsOf("ages")).toMatchObject({
      age: 5,
      history: 6,
      total: Math.round((opened.total + 11) * 10) / 10,
    });
    expect((await incidentOf("ages")).changed_at.getTime()).toBeGreaterThan(before.getTime());
  });

  test("of incidents that somebody has locked are written by a later round, which others need not wait for", async () => {
    await open("locked");
    await open("free");
    review.advance(minute);
    await review.context.db.transaction().execute(async (db) => {
      await db.selectFrom("incidents").select("id").where("stream_id", "=", "locked").forUpdate().execute();
      await reprioritiseWaiting(review.context);
    });
    expect(await pointsOf("locked")).toMatchObject({ age: 0 });
    expect(await pointsOf("free")).toMatchObject({ age: 5 });
    await reprioritiseWaiting(review.context);
    expect(await pointsOf("locked")).toMatchObject({ age: 5 });
  });

  test("tell a metric how many are open", async () => {
    await reprioritiseWaiting(review.context);
    expect(await registry.getSingleMetricAsString("briareus_review_open_incidents")).toMatch(
      /severity="severe"\} [1-9]/,
    );
  });
});

describe("what a platform tells of a stream", () => {
  test("changes the priority of its incidents at once, and is in the log", async () => {
    await open("told");
    expect(await pointsOf("told")).toMatchObject({ live: 20, viewers: 0 });
    await updateStream(review.context, platform, "told", { viewers: 100_000 });
    expect(await pointsOf("told")).toMatchObject({ live: 20, viewers: 18 });
    review.advance(1_000);
    await updateStream(review.context, platform, "told", { live: false, title: "T\0" });
    expect(await pointsOf("told")).toMatchObject({ live: 0, viewers: 0 });
    const log = await review.context.db
      .selectFrom("activity")
      .select(["actor", "details"])
      .where("kind", "=", "stream-updated")
      .where("stream_id", "=", "told")
      .orderBy("id")
      .execute();
    expect(log).toEqual([
      { actor: `key:${platform.id}`, details: { viewers: 100_000 } },
      { actor: `key:${platform.id}`, details: { live: false, title: "T\u2400" } },
    ]);
  });

  test("may come before its first capture, and twice", async () => {
    await updateStream(review.context, platform, "early", { viewers: 1_000, title: "Early", streamerId: "bird" });
    await updateStream(review.context, platform, "early", { viewers: 1_000, title: "Early", streamerId: "bird" });
    review.advance(1_000);
    await open("early");
    expect(await pointsOf("early")).toMatchObject({ viewers: 10.8 });
    const facts = await review.context.db.selectFrom("streams").selectAll().where("stream_id", "=", "early").execute();
    expect(facts).toMatchObject([{ viewers: 1_000, title: "Early", streamer_id: "bird", live: true }]);
  });

  test("shows on the page of an incident whose points stay the same", async () => {
    await open("retitled");
    const { changed_at: before } = await incidentOf("retitled");
    await updateStream(review.context, platform, "retitled", { title: "New" });
    expect((await incidentOf("retitled")).changed_at.getTime()).toBeGreaterThan(before.getTime());
  });
});

describe("the number of what waits", () => {
  test("is told, with the oldest severe one; a flood is three times the usual hour, and names its largest part", async () => {
    await using other = await startReview();
    const { context } = other;
    const add = (count: number, name: string, category = "pornography") =>
      storeVerdicts(
        context,
        Array.from({ length: count }, (_, index) => {
          const severity = category === "pornography" ? "severe" : "low";
          return flagged(`${name}-${index}`, `${name}-${index}`, { takenAtMs: context.now(), category, severity });
        }),
      );
    expect(await readWaiting(context)).toEqual({ count: 0, oldestSevereAt: null, lastArrivedAt: null, flood: null });

    const firstAt = new Date(context.now()).toISOString();
    await add(110, "first");
    other.advance(10_000);
    expect(await readWaiting(context)).toMatchObject({ count: 110, oldestSevereAt: firstAt, flood: null });

    for (let hours = 1; hours < 10; hours += 1) {
      other.advance(hour);
      await add(20, `hour-${hours}`);
    }
    other.advance(hour);
    await add(60, "usual");
    other.advance(10_000);
    expect(await readWaiting(context)).toMatchObject({ count: 350, flood: null });
    await add(20, "flood");
    await add(40, "drawn", "drawn-pornography");
    const lastAt = new Date(context.now()).toISOString();
    other.advance(10_000);
    expect(await readWaiting(context)).toEqual({
      count: 410,
      oldestSevereAt: firstAt,
      lastArrivedAt: lastAt,
      flood: { category: "pornography", policyVersion: "nsfw-1", share: 80 / 120 },
    });
  });
});
