/** Evidence goes when its time is over, and not before. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { BlobError } from "../../src/blobs/blob-store.ts";
import { Retention } from "../../src/review/contract/admin.ts";
import { discardEvidence } from "../../src/review/evidence/discard.ts";
import { createRetentionSweep, previewRetention, sweepEvidence } from "../../src/review/evidence/retention.ts";
import { startReview, type TestReview, waitingForLocks } from "../review.ts";
import { addFrames, addIncident } from "../review-rows.ts";

const dayMs = 86_400_000;
const running = new AbortController().signal;

/** A closed incident whose frames have pictures, every second one a thumbnail too; gives the references. */
async function kept(
  { context }: TestReview,
  facts: { daysAgo: number; frames?: number } & Parameters<typeof addIncident>[1],
) {
  const { daysAgo, frames = 2, ...columns } = facts;
  const closed_at = new Date(context.now() - daysAgo * dayMs);
  const incidentId = await addIncident(context, { state: "closed", closed_at, ...columns });
  const put = (name: string) => context.evidence.put(Buffer.from("picture"), { key: `evidence/${incidentId}/${name}` });
  const rows = [];
  for (let n = 0; n < frames; n += 1)
    rows.push({ evidence: await put(`${n}`), thumbnail: n % 2 === 0 ? await put(`${n}.thumb`) : null });
  await addFrames(context, incidentId, rows);
  return {
    incidentId,
    refs: rows.flatMap(({ evidence, thumbnail }) => (thumbnail ? [evidence, thumbnail] : [evidence])),
  };
}

/** How many of the blobs are still there. */
async function left({ context }: TestReview, { refs }: { refs: readonly string[] }): Promise<number> {
  const there = await Promise.all(refs.map((ref) => context.evidence.get(ref).then(() => 1, gone)));
  return there.filter((count) => count === 1).length;
}

function gone(error: unknown) {
  if (error instanceof BlobError && error.code === "missing") return 0;
  throw error;
}

const deletions = ({ context }: TestReview) =>
  context.db.selectFrom("activity").selectAll().where("kind", "=", "evidence-deleted").orderBy("id").execute();

test("each severity's pictures go after their days, sampled ones after their own", async () => {
  await using review = await startReview();
  const low = await kept(review, { severity: "low", daysAgo: 13 });
  const severe = await kept(review, { severity: "severe", daysAgo: 100 });
  const sampled = await kept(review, { severity: "severe", kind: "sampled", daysAgo: 13 });
  const sweep = () => sweepEvidence(review.context, running);
  expect(await sweep()).toBe(0);
  review.advance(dayMs);
  expect(await sweep()).toBe(6);
  expect([await left(review, low), await left(review, sampled), await left(review, severe)]).toEqual([0, 0, 3]);
  review.advance(79 * dayMs);
  expect(await sweep()).toBe(3);
  expect(await left(review, severe)).toBe(0);
});

test("what is deleted is recorded once: on its frames, and in the activity log with their names", async () => {
  await using review = await startReview();
  const { incidentId } = await kept(review, { daysAgo: 181, frames: 3, stream_id: "s" });
  await addFrames(review.context, incidentId, [{ capture_id: "never had one" }]);
  await sweepEvidence(review.context, running);
  await sweepEvidence(review.context, running);
  const captureIds = [1, 2, 3].map((number) => `capture-${incidentId}-${number}`);
  expect(await deletions(review)).toMatchObject([
    {
      actor: "system",
      incident_id: incidentId,
      stream_id: "s",
      details: { why: "retention", pictures: 3, thumbnails: 2, captureIds },
    },
  ]);
  const frames = await review.context.db
    .selectFrom("frames")
    .select("evidence_deleted_at")
    .where("incident_id", "=", incidentId)
    .orderBy("number")
    .execute();
  const deleted = new Date(review.context.now());
  expect(frames.map(({ evidence_deleted_at }) => evidence_deleted_at)).toEqual([deleted, deleted, deleted, null]);
});

test("what is open or under legal hold stays, however old, until it no longer is", async () => {
  await using review = await startReview();
  const held = await kept(review, { daysAgo: 4_000, legal_hold: true });
  const reopened = await kept(review, { daysAgo: 4_000, state: "open" });
  expect(await sweepEvidence(review.context, running)).toBe(0);
  await review.context.db.updateTable("incidents").set({ legal_hold: false, state: "closed" }).execute();
  expect(await sweepEvidence(review.context, running)).toBe(6);
  expect([await left(review, held), await left(review, reopened)]).toEqual([0, 0]);
});

test("a legal hold that is being set keeps the pictures, one that comes while they are deleted waits", async () => {
  await using review = await startReview();
  const { db, evidence } = review.context;
  const setHold = (on: boolean) => db.updateTable("incidents").set({ legal_hold: on });
  const first = await kept(review, { daysAgo: 181 });
  await db.transaction().execute(async (holding) => {
    await holding.updateTable("incidents").set({ legal_hold: true }).execute();
    expect(await sweepEvidence(review.context, running)).toBe(0);
  });
  expect(await sweepEvidence(review.context, running)).toBe(0);
  expect(await left(review, first)).toBe(3);

  await setHold(false).execute();
  const order: string[] = [];
  const slow = async (refs: readonly string[]) => {
    const hold = setHold(true)
      .execute()
      .then(() => order.push("held"));
    await expect.poll(() => waitingForLocks(review)).toBe(1);
    await evidence.delete(refs);
    order.push("deleted");
    waiting.push(hold);
  };
  const waiting: Promise<unknown>[] = [];
  await sweepEvidence({ ...review.context, evidence: { ...evidence, delete: slow } }, running);
  await Promise.all(waiting);
  expect(order).toEqual(["deleted", "held"]);
});

test("frames that come to a swept incident lose their pictures too, once it is closed again", async () => {
  await using review = await startReview();
  const { incidentId } = await kept(review, { daysAgo: 181 });
  await sweepEvidence(review.context, running);
  const late = await review.context.evidence.put(Buffer.from("picture"), { key: "late" });
  await addFrames(review.context, incidentId, [{ evidence: late }]);
  expect(await sweepEvidence(review.context, running)).toBe(1);
  expect(await left(review, { refs: [late] })).toBe(0);
});

test("several processes share the work, and a long incident is taken in batches", async () => {
  await using review = await startReview();
  const incidents = [await kept(review, { daysAgo: 181, frames: 450 })];
  for (let n = 0; n < 12; n += 1) incidents.push(await kept(review, { daysAgo: 181 }));
  const swept = await Promise.all([1, 2, 3].map(() => sweepEvidence(review.context, running)));
  // Whoever found all incidents taken ended early: what was left behind is due the next time.
  swept.push(await sweepEvidence(review.context, running));
  const pictures = incidents.reduce((sum, { refs }) => sum + refs.length, 0);
  expect(swept.reduce((sum, deleted) => sum + deleted, 0)).toBe(pictures);
  const lines = await deletions(review);
  expect(lines.reduce((sum, { details }) => sum + Number(details.pictures) + Number(details.thumbnails), 0)).toBe(
    pictures,
  );
  const named = lines.flatMap(({ details }) => details.captureIds);
  expect(new Set(named).size).toBe(named.length);
  for (const incident of incidents) expect(await left(review, incident)).toBe(0);
});

test("a store that is away leaves everything as it is, for the next time", async () => {
  await using review = await startReview();
  const incident = await kept(review, { daysAgo: 181 });
  const lost = () => Promise.reject(new BlobError("unavailable", "away"));
  const away = { ...review.context, evidence: { ...review.context.evidence, delete: lost } };
  await expect(sweepEvidence(away, running)).rejects.toThrow("away");
  expect(await deletions(review)).toEqual([]);
  expect(await sweepEvidence(review.context, running)).toBe(3);
  expect(await left(review, incident)).toBe(0);
});

test("pictures of another store hold up none of the others", async () => {
  await using review = await startReview();
  const foreign = await kept(review, { daysAgo: 300 });
  await review.context.db.updateTable("frames").set({ evidence: "g:k/elsewhere" }).execute();
  const own = await kept(review, { daysAgo: 200 });
  expect(await sweepEvidence(review.context, running)).toBe(3);
  expect([await left(review, own), await left(review, foreign)]).toEqual([0, 3]);
});

test("the sweep runs by itself, and stopping it waits for what is under way", async () => {
  await using review = await startReview();
  const incident = await kept(review, { daysAgo: 181 });
  const { evidence } = review.context;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const slow = async (refs: readonly string[]) => {
    begin();
    await released;
    await evidence.delete(refs);
  };
  const sweep = createRetentionSweep({ ...review.context, evidence: { ...evidence, delete: slow } }, 10);
  await sweep.start();
  await sweep.start();
  await begun;
  let stopped = false;
  const stopping = Promise.all([sweep.stop(), sweep.stop()]).then(() => {
    stopped = true;
  });
  await setImmediate();
  expect(stopped).toBe(false);
  release();
  await stopping;
  expect(await left(review, incident)).toBe(0);
  expect(await sweep.health()).toMatchObject({ live: true, detail: expect.stringContaining("3 deleted") });
});

test("pictures that no incident took are deleted an hour later, but for those that a frame shows", async () => {
  await using review = await startReview();
  const { context } = review;
  const put = (key: string) => context.evidence.put(Buffer.from("picture"), { key });
  const [unused, thumbnail] = [await put("unused"), await put("unused.thumb")];
  const shown = await put("shown.thumb");
  const discarded = [
    { captureId: "unused", evidence: unused, thumbnail },
    { captureId: "shown", evidence: null, thumbnail: shown },
    { captureId: "none", evidence: null, thumbnail: null },
  ];
  await discardEvidence(context.db, discarded, context.now());
  await discardEvidence(context.db, discarded, context.now());
  await addFrames(context, await addIncident(context), [{ capture_id: "shown", kind: "before", thumbnail: shown }]);
  expect(await sweepEvidence(context, running)).toBe(0);
  review.advance(3_600_000);
  expect(await sweepEvidence(context, running)).toBe(2);
  expect(await sweepEvidence(context, running)).toBe(0);
  expect(await left(review, { refs: [unused, thumbnail, shown] })).toBe(1);
  expect(await deletions(review)).toMatchObject([
    { incident_id: null, details: { why: "not in review", pictures: 2, captureIds: ["unused"] } },
  ]);
});

test("a preview says when a setting first deletes, and how many frames lose their pictures on that day", async () => {
  await using review = await startReview();
  const { context } = review;
  const setting = (days: Partial<Retention>) => previewRetention(context, Retention.parse(days));
  expect(await setting({})).toEqual({ deletes: 0, at: null });
  await kept(review, { severity: "severe", daysAgo: 100, frames: 3 });
  await kept(review, { severity: "severe", daysAgo: 98.5, frames: 4 });
  await kept(review, { severity: "severe", daysAgo: 5, frames: 5 });
  await kept(review, { severity: "severe", daysAgo: 150, legal_hold: true });
  const inDays = (days: number) => new Date(context.now() + days * dayMs).toISOString();
  expect(await setting({})).toEqual({ deletes: 3, at: inDays(80) });
  expect(await setting({ severe: 100 })).toEqual({ deletes: 3, at: inDays(0) });
  expect(await setting({ severe: 90 })).toEqual({ deletes: 7, at: inDays(0) });
  expect(await setting({ severe: 1 })).toEqual({ deletes: 12, at: inDays(0) });
  await sweepEvidence(context, running);
  expect(await setting({ severe: 101 })).toEqual({ deletes: 3, at: inDays(1) });
});
