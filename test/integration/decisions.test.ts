/** What people decide: once, undone in time, sent in order, and never of frames that nobody saw. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import type { DecisionMessage, DecisionRequest } from "../../src/review/contract/decision.ts";
import type { Hold } from "../../src/review/contract/hold.ts";
import { bulkClose } from "../../src/review/decisions/bulk-close.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { escalate } from "../../src/review/decisions/escalate.ts";
import { replayed } from "../../src/review/decisions/idempotency.ts";
import { sendDue } from "../../src/review/decisions/outbox.ts";
import { reopenIncident } from "../../src/review/decisions/reopen.ts";
import { undoDecision } from "../../src/review/decisions/undo.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { lockIncident } from "../../src/review/incidents/move-incident.ts";
import { readIncident } from "../../src/review/incidents/read-incident.ts";
import { startReview, type TestReview, waitingForLocks } from "../review.ts";
import { addFrame, addIncident, type IncidentFacts } from "../review-incidents.ts";

let review: TestReview;
let people = 0;
beforeAll(async () => {
  review = await startReview({ connections: 20 });
});
afterAll(() => review.close());

const moderator = () => review.addUser(`Person ${++people}`);
const lead = () => review.addUser(`Lead ${++people}`, "lead");

async function held(actor: PersonActor, facts: IncidentFacts = {}): Promise<Hold> {
  return takeIncident(review.context, actor, await addIncident(review.context, facts), { takeOver: false });
}

type Facts = Partial<DecisionRequest> & { outcome?: string; category?: string; action?: string };
function request(hold: Hold, facts: Facts = {}): DecisionRequest {
  return {
    token: hold.token,
    seenThrough: hold.incident.newestFrame,
    outcome: "no-violation",
    note: "",
    withoutPicture: false,
    ...facts,
  } as DecisionRequest;
}
const warn: Facts = { outcome: "violation", category: "pornography", action: "warn" };
const suspend: Facts = { ...warn, action: "suspend" };
const decided = (actor: PersonActor, hold: Hold, facts: Facts = {}) =>
  decide(review.context, actor, hold.incident.id, request(hold, facts));
const incident = async (id: number, actor: PersonActor) => {
  const found = await readIncident(review.context, id, actor);
  if (!found) throw new Error(`there is no incident ${id}`);
  return found;
};
const decisionsOf = (id: number) =>
  review.context.db.selectFrom("decisions").selectAll().where("incident_id", "=", id).execute();

/** A topic that remembers; it can refuse. */
function topic() {
  const published: DecisionMessage[] = [];
  let refuses = false;
  return {
    published,
    of: (streamId: string) => published.filter((message) => message.streamId === streamId),
    refuse: (on: boolean) => {
      refuses = on;
    },
    publish: async (message: DecisionMessage) => {
      if (refuses) throw new Error("unavailable");
      published.push(message);
    },
    close: async () => undefined,
  };
}

describe("a decision", () => {
  test("closes the incident and leaves after ten seconds, with what it covers", async () => {
    const [actor, out] = [await moderator(), topic()];
    const hold = await held(actor, { frames: 3, streamerId: `streamer-${randomUUID()}` });
    const decision = await decided(actor, hold, { ...warn, note: "<b>again</b>" });
    expect((await incident(hold.incident.id, actor)).state).toBe("closed");
    review.advance(9_999);
    await sendDue(review.context, out);
    expect(out.of(hold.incident.stream.streamId)).toEqual([]);
    review.advance(1);
    await sendDue(review.context, out);
    await sendDue(review.context, out);
    expect(out.of(hold.incident.stream.streamId)).toEqual([
      expect.objectContaining({
        decisionId: decision.id,
        outcome: "violation",
        decidedCategory: "pornography",
        action: "warn",
        note: "<b>again</b>",
        seenThrough: 3,
        captureIds: hold.incident.frames.map(({ captureId }) => captureId),
        supersedes: null,
      }),
    ]);
  });

  test("of a severe action leaves after three seconds if the stream is live", async () => {
    const actor = await moderator();
    const sendMs = async (live: boolean) => {
      const decision = await decided(actor, await held(actor, { live }), suspend);
      return Date.parse(decision.sendAt) - Date.parse(decision.decidedAt);
    };
    expect([await sendMs(true), await sendMs(false)]).toEqual([3_000, 10_000]);
  });

  test("that comes twice by one hold is refused the second time", async () => {
    const actor = await moderator();
    const hold = await held(actor);
    const both = await Promise.allSettled([decided(actor, hold), decided(actor, hold, warn)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await decisionsOf(hold.incident.id)).toHaveLength(1);
  });

  test("with an action, category or frame that does not exist is refused, and the hold stays", async () => {
    const actor = await moderator();
    const hold = await held(actor);
    for (const facts of [
      { ...warn, action: "shout" },
      { ...warn, category: "nonsense" },
      { ...warn, seenThrough: 99 },
    ]) {
      await expect(decided(actor, hold, facts)).rejects.toMatchObject({ code: "invalid" });
    }
    await decided(actor, hold, warn);
  });

  test("does not close flagged frames that came after the last one shown: they open a linked incident", async () => {
    const actor = await moderator();
    const hold = await held(actor, { frames: 2 });
    await addFrame(review.context, hold.incident.id, "context");
    await addFrame(review.context, hold.incident.id);
    await addFrame(review.context, hold.incident.id);
    await decided(actor, hold, warn);
    const closed = await incident(hold.incident.id, actor);
    const linked = await incident(closed.linkedFrom[0] ?? 0, actor);
    expect(closed).toMatchObject({ state: "closed", flaggedCount: 2 });
    expect(linked).toMatchObject({ state: "open", linkedTo: hold.incident.id, newestFrame: 2, flaggedCount: 2 });
    expect(linked.frames.map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe("repeats", () => {
  const run = (actor: PersonActor, hold: Hold, key: string, facts: Facts = {}) =>
    replayed(review.context, actor, key, request(hold, facts), (context) =>
      decide(context, actor, hold.incident.id, request(hold, facts)),
    );

  test("with one key are done once and answered alike, even at the same moment", async () => {
    const actor = await moderator();
    const hold = await held(actor);
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 5 }, () => run(actor, hold, key, warn)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await run(actor, hold, key, warn)).toEqual(answers[0]);
    expect(await decisionsOf(hold.incident.id)).toHaveLength(1);
  });

  test("with one key and another request are refused", async () => {
    const actor = await moderator();
    const hold = await held(actor);
    const key = randomUUID();
    await run(actor, hold, key, warn);
    await expect(run(actor, hold, key, suspend)).rejects.toMatchObject({ code: "key-reused" });
  });

  test("a refused request leaves no answer behind", async () => {
    const actor = await moderator();
    const hold = await held(actor);
    const key = randomUUID();
    await expect(run(actor, hold, key, { ...warn, action: "shout" })).rejects.toMatchObject({ code: "invalid" });
    expect(await run(actor, hold, key, warn)).toMatchObject({ action: "warn" });
  });
});

describe("undo", () => {
  test("in time gives the incident back, and nothing is sent", async () => {
    const [actor, out] = [await moderator(), topic()];
    const hold = await held(actor);
    const decision = await decided(actor, hold, warn);
    review.advance(9_000);
    const { hold: again } = await undoDecision(review.context, actor, decision.id);
    expect(again).toMatchObject({ slot: "current", incident: { id: hold.incident.id, state: "assigned" } });
    if (!again) throw new Error("no hold");
    await decided(actor, again);
    review.advance(60_000);
    await sendDue(review.context, out);
    expect(out.of(hold.incident.stream.streamId).map(({ outcome }) => outcome)).toEqual(["no-violation"]);
  });

  test("too late, or of another person's decision, is refused", async () => {
    const [actor, other] = [await moderator(), await moderator()];
    const late = await decided(actor, await held(actor), warn);
    await expect(undoDecision(review.context, other, late.id)).rejects.toMatchObject({ code: "forbidden" });
    review.advance(10_000);
    await expect(undoDecision(review.context, actor, late.id)).rejects.toMatchObject({ code: "too-late-to-undo" });
  });

  test("asked for again, since the answer was lost, answers the same, or who has the incident by then", async () => {
    const [actor, boss] = [await moderator(), await lead()];
    const { id } = await decided(actor, await held(actor), warn);
    const { hold } = await undoDecision(review.context, actor, id);
    expect((await undoDecision(review.context, actor, id)).hold?.token).toBe(hold?.token);
    await takeIncident(review.context, boss, hold?.incident.id ?? 0, { takeOver: true });
    expect(await undoDecision(review.context, actor, id)).toMatchObject({ hold: null, holder: { name: boss.name } });
  });

  test("that races with sending either undoes or is too late, never both", async () => {
    const actor = await moderator();
    for (let round = 0; round < 10; round += 1) {
      const out = topic();
      const hold = await held(actor);
      const decision = await decided(actor, hold, warn);
      const sender = { ...review.context, now: () => review.context.now() + 10_000 };
      const [undone] = await Promise.allSettled([
        undoDecision(review.context, actor, decision.id),
        sendDue(sender, out),
      ]);
      const sent = out.of(hold.incident.stream.streamId).length;
      expect([undone.status, sent]).toEqual(undone.status === "fulfilled" ? ["fulfilled", 0] : ["rejected", 1]);
    }
  });
});

describe("the streamer's record", () => {
  test("counts what stands: confirmed, dismissed, not what was undone", async () => {
    const actor = await moderator();
    const streamerId = `streamer-${randomUUID()}`;
    await decided(actor, await held(actor, { streamerId }), warn);
    await decided(actor, await held(actor, { streamerId }));
    const taken = await decided(actor, await held(actor, { streamerId }), warn);
    await undoDecision(review.context, actor, taken.id);
    const { history } = await incident(await addIncident(review.context, { streamerId }), actor);
    expect(history).toEqual({ confirmed: 1, dismissed: 1 });
  });
});

describe("leads", () => {
  test("get escalated incidents with the note; given back, they stay with leads", async () => {
    const [actor, boss] = [await moderator(), await lead()];
    const hold = await held(actor);
    await escalate(review.context, actor, hold.incident.id, { token: hold.token, note: "Is this art?" });
    expect(await incident(hold.incident.id, boss)).toMatchObject({
      state: "escalated",
      escalation: { note: "Is this art?", by: { id: actor.id } },
    });
    await expect(takeIncident(review.context, actor, hold.incident.id, { takeOver: false })).rejects.toMatchObject({
      code: "forbidden",
    });
    await decided(boss, await takeIncident(review.context, boss, hold.incident.id, { takeOver: false }), warn);
  });

  test("reopen; the next decision names the one it replaces, and both have left in order", async () => {
    const [actor, boss, out] = [await moderator(), await lead(), topic()];
    const hold = await held(actor);
    const first = await decided(actor, hold, warn);
    review.advance(10_000);
    await sendDue(review.context, out);
    await reopenIncident(review.context, boss, hold.incident.id, { note: "The title says it is art." });
    await decided(boss, await takeIncident(review.context, boss, hold.incident.id, { takeOver: false }));
    review.advance(10_000);
    await sendDue(review.context, out);
    expect(out.of(hold.incident.stream.streamId).map(({ outcome, supersedes }) => [outcome, supersedes])).toEqual([
      ["violation", null],
      ["no-violation", first.id],
    ]);
  });

  test("close in bulk after looking at ten, and never what grew, is held or is closed", async () => {
    const [actor, boss] = [await moderator(), await lead()];
    const ids: number[] = [];
    for (let count = 0; count < 14; count += 1) ids.push(await addIncident(review.context));
    const [grown = 0, taken = 0] = ids;
    await addFrame(review.context, grown);
    await takeIncident(review.context, actor, taken, { takeOver: false });
    const ask = (facts: object) =>
      bulkClose(review.context, boss, {
        incidents: ids.map((id) => ({ id, seenThrough: 1 })),
        count: 14,
        lookedAt: ids.slice(0, 10),
        note: "A cartoon of last night",
        outcome: "no-violation",
        ...facts,
      });
    await expect(ask({ count: 13 })).rejects.toMatchObject({ code: "invalid" });
    await expect(ask({ lookedAt: ids.slice(0, 9) })).rejects.toMatchObject({ code: "invalid" });
    const answer = await ask({});
    expect(answer.closed).toEqual(ids.slice(2));
    expect(answer.refused.map(({ id }) => id)).toEqual([grown, taken]);
    expect((await ask({})).closed).toEqual([]);
  });

  test("close in bulk what something else has locked for a moment, too", async () => {
    const boss = await lead();
    const [locked, free] = [await addIncident(review.context), await addIncident(review.context)];
    const ask = () =>
      bulkClose(review.context, boss, {
        incidents: [locked, free].map((id) => ({ id, seenThrough: 1 })),
        count: 2,
        lookedAt: [locked, free],
        note: "A cartoon of last night",
        outcome: "no-violation",
      });
    const answer = await review.context.db.transaction().execute(async (db) => {
      await lockIncident(db, locked);
      const asked = ask();
      await expect.poll(() => waitingForLocks(review)).toBe(1);
      return { asked };
    });
    expect(await answer.asked).toEqual({ closed: [locked, free], refused: [] });
  });
});

describe("the outbox", () => {
  test("sends a severe action on a live stream before a decision that can still be undone", async () => {
    const [actor, out] = [await moderator(), topic()];
    const stream_id = `stream-${randomUUID()}`;
    const actionsSent = async () => {
      await sendDue(review.context, out);
      return out.of(stream_id).map(({ action }) => action);
    };
    await decided(actor, await held(actor, { stream_id, category: "one" }), warn);
    await decided(actor, await held(actor, { stream_id, category: "two" }), suspend);
    review.advance(3_000);
    expect(await actionsSent()).toEqual(["suspend"]);
    review.advance(7_000);
    expect(await actionsSent()).toEqual(["suspend", "warn"]);
  });

  test("keeps the order of a stream when Pub/Sub refuses for a while", async () => {
    const [actor, out] = [await moderator(), topic()];
    const stream_id = `stream-${randomUUID()}`;
    const decisions = [];
    for (let count = 0; count < 3; count += 1) {
      decisions.push(await decided(actor, await held(actor, { stream_id, category: `category-${count}` })));
      review.advance(1_000);
    }
    review.advance(10_000);
    out.refuse(true);
    await expect(sendDue(review.context, out)).rejects.toThrow("unavailable");
    out.refuse(false);
    await Promise.all([sendDue(review.context, out), sendDue(review.context, out)]);
    await sendDue(review.context, out);
    expect(out.of(stream_id).map(({ decisionId }) => decisionId)).toEqual(decisions.map(({ id }) => id));
  });
});
