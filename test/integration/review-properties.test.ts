/** Whatever people do, one after the other or at the same moment, on a real Postgres: what must always hold, holds. */
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import type { DecisionMessage } from "../../src/review/contract/decision.ts";
import { assignIncidents } from "../../src/review/decisions/assign.ts";
import { bulkClose } from "../../src/review/decisions/bulk-close.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { escalate } from "../../src/review/decisions/escalate.ts";
import { sendDue } from "../../src/review/decisions/outbox.ts";
import { reopenIncident } from "../../src/review/decisions/reopen.ts";
import { undoDecision } from "../../src/review/decisions/undo.ts";
import { claimNext } from "../../src/review/holds/claim-next.ts";
import { expireHolds } from "../../src/review/holds/expire-holds.ts";
import { heartbeat } from "../../src/review/holds/heartbeat.ts";
import { releaseHolds } from "../../src/review/holds/release.ts";
import { skipIncident } from "../../src/review/holds/skip.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { lockIncident } from "../../src/review/incidents/move-incident.ts";
import { ReviewError } from "../../src/review/review-error.ts";
import { startReview, type TestReview } from "../review.ts";
import { addFrame, addIncident } from "../review-incidents.ts";

const incidentCount = 4;
const streamers = ["streamer-a", "streamer-b"];

let review: TestReview;
let people: PersonActor[];
const published: DecisionMessage[] = [];
const topic = { publish: async (message: DecisionMessage) => void published.push(message), close: async () => {} };

beforeAll(async () => {
  review = await startReview({ connections: 20 });
  people = [await review.addUser("One"), await review.addUser("Two"), await review.addUser("Boss", "lead")];
});
afterAll(() => review.close());

const person = fc.nat({ max: 2 });
const incident = fc.integer({ min: 1, max: incidentCount });
const call = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant("claim" as const), person }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("decide" as const),
      person,
      behind: fc.nat({ max: 2 }),
      violation: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("undo" as const), person, back: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("take" as const), person, incident, takeOver: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("frame" as const), incident }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom("release", "skip", "escalate", "heartbeat"), person }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom("reopen", "assign", "close"), incident, person }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 9_999, 121_000) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("send", "expire") }) },
);
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

/** What a page knows: the tokens that it was given, whether they are still good or not. */
const known = new Map<number, { token: number; incidentId: number; newestFrame: number }>();

async function perform(done: Call): Promise<void> {
  const { context } = review;
  const actor = "person" in done ? people[done.person] : undefined;
  const boss = people[2];
  const hold = "person" in done ? known.get(done.person) : undefined;
  if (!boss) throw new Error("nobody is here");
  switch (done.does) {
    case "wait":
      return review.advance("ms" in done ? done.ms : 0);
    case "send":
      return sendDue(context, topic);
    case "expire":
      return expireHolds(context);
    case "frame":
      return "incident" in done ? arrive(done.incident) : undefined;
  }
  if (!actor) return;
  if ("incident" in done) {
    const { incident: id } = done;
    if (done.does === "take") {
      const taken = await takeIncident(context, actor, id, { takeOver: "takeOver" in done && done.takeOver });
      known.set(done.person, { token: taken.token, incidentId: id, newestFrame: taken.incident.newestFrame });
    }
    if (done.does === "reopen") await reopenIncident(context, boss, id, { note: "Look again." });
    if (done.does === "assign") await assignIncidents(context, boss, { incidents: [id], userId: actor.id });
    if (done.does === "close") {
      const incidents = [{ id, seenThrough: 1 }];
      await bulkClose(context, boss, { incidents, count: 1, lookedAt: [id], note: "Alike.", outcome: "no-violation" });
    }
    return;
  }
  if (done.does === "claim") {
    const { current } = await claimNext(context, actor);
    if (current) {
      const { id, newestFrame } = current.incident;
      known.set(done.person, { token: current.token, incidentId: id, newestFrame });
    }
    return;
  }
  if (done.does === "undo") {
    const [decision] = await context.db
      .selectFrom("decisions")
      .select("id")
      .orderBy("decided_at", "desc")
      .orderBy("id")
      .offset("back" in done ? done.back : 0)
      .limit(1)
      .execute();
    if (decision) await undoDecision(context, actor, decision.id);
    return;
  }
  if (!hold) return;
  const { token, incidentId, newestFrame } = hold;
  if (done.does === "decide") {
    const { behind, violation } = done as Extract<Call, { behind: number }>;
    await decide(context, actor, incidentId, {
      token,
      seenThrough: Math.max(0, newestFrame - behind),
      note: "",
      withoutPicture: false,
      ...(violation
        ? { outcome: "violation", category: "pornography", action: "suspend" }
        : { outcome: "no-violation" }),
    });
  }
  if (done.does === "release") await releaseHolds(context, actor, [token]);
  if (done.does === "skip") await skipIncident(context, actor, incidentId, { token, reason: "unsure" });
  if (done.does === "escalate") await escalate(context, actor, incidentId, { token, note: "Is this art?" });
  if (done.does === "heartbeat") await heartbeat(context, actor, [token]);
}

/** A frame joins as intake has it join: never a closed incident. */
async function arrive(incidentId: number): Promise<void> {
  await review.context.db.transaction().execute(async (db) => {
    const { state } = await lockIncident(db, incidentId);
    if (state !== "closed") await addFrame({ ...review.context, db }, incidentId);
  });
}

async function startAnew(): Promise<void> {
  const { context } = review;
  await sql`truncate incidents, streams, streamers restart identity cascade`.execute(context.db);
  known.clear();
  published.length = 0;
  for (let count = 0; count < incidentCount; count += 1) {
    const streamerId = streamers[count % streamers.length];
    await addIncident(context, { frames: 2, streamerId, stream_id: `stream-${count % 2}`, category: `c-${count}` });
  }
}

/** Each row is a rule that is broken. */
async function broken(): Promise<string[]> {
  const { rows } = await sql<{ rule: string }>`
    with live as (select * from leases where ended_at is null),
      standing as (select * from decisions where undone_at is null and superseded_at is null)
    select 'incident ' || id || ' is ' || state || ' with ' || held || ' live leases' as rule
      from (select i.id, i.state, count(l.token) as held from incidents i left join live l on l.incident_id = i.id
        group by i.id) as holds
      where (state = 'assigned') <> (held = 1) or held > 1
    union all select 'incident ' || id || ' is ' || state || ' with ' || decided || ' standing decisions'
      from (select i.id, i.state, count(d.id) as decided from incidents i left join standing d on d.incident_id = i.id
        group by i.id) as closings
      where (state = 'closed') <> (decided = 1) or decided > 1
    union all select 'incident ' || id || ' is ' || state || ', escalated at ' || coalesce(escalated_at::text, 'no time')
      from incidents where (state = 'open' and escalated_at is not null) or (state = 'escalated' and escalated_at is null)
    union all select 'incident ' || id || ' is ' || state || ', closed at ' || coalesce(closed_at::text, 'no time')
      from incidents where (state = 'closed') <> (closed_at is not null)
    union all select 'frame ' || f.capture_id || ' was closed unseen' from frames f join standing d using (incident_id)
      where f.kind = 'flagged' and f.number > d.seen_through
    union all select 'incident ' || i.id || ' was closed without a frame' from incidents i
      where i.state = 'closed' and not exists (select from frames f where f.incident_id = i.id and f.kind = 'flagged')
    union all select 'message of ' || d.id || ' and decision disagree' from decisions d join outbox o on o.decision_id = d.id
      where (d.undone_at is null) <> (o.cancelled_at is null) or (o.sent_at is not null and o.cancelled_at is not null)
    union all select 'streamer ' || s || ' is ' || coalesce(r.confirmed, 0) || '/' || coalesce(r.dismissed, 0)
        || ' instead of ' || counts.yes || '/' || counts.no
      from (select name as s, count(d.id) filter (where d.outcome = 'violation') as yes,
          count(d.id) filter (where d.outcome = 'no-violation') as no
        from unnest(${streamers}::text[]) as name
        left join outbox o on o.payload ->> 'streamerId' = name left join standing d on d.id = o.decision_id
        group by name) as counts
      left join streamers r on r.streamer_id = s
      where coalesce(r.confirmed, 0) <> counts.yes or coalesce(r.dismissed, 0) <> counts.no
  `.execute(review.context.db);
  const sent = published.map(({ decisionId }) => decisionId);
  return [...rows.map(({ rule }) => rule), ...(new Set(sent).size < sent.length ? ["a decision was sent twice"] : [])];
}

test("no sequence of calls leaves an illegal state, two live leases, a frame closed unseen or a decision sent twice", async () => {
  const steps = fc.array(fc.array(call, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(steps, async (moments) => {
      await startAnew();
      for (const calls of moments) {
        // All calls of a moment at once: they meet in the database.
        const results = await Promise.allSettled(calls.map(perform));
        const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
        expect(failures.filter((failure) => !(failure instanceof ReviewError))).toEqual([]);
        expect(await broken()).toEqual([]);
      }
    }),
    { numRuns: 80 },
  );
});
