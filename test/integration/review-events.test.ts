/** Live updates over real connections: what comes, to whom, after which gap, and what becomes of slow readers. */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ReviewEvent } from "../../src/review/contract/events.ts";
import type { Db } from "../../src/review/database/connection.ts";
import { expireHolds } from "../../src/review/holds/expire-holds.ts";
import { changedNow } from "../../src/review/incidents/move-incident.ts";
import { type Caller, startReviewApi, type TestApi } from "../review-api.ts";
import { addIncident } from "../review-incidents.ts";
import { until } from "../system.ts";

let api: TestApi;
let origin: string;
beforeAll(async () => {
  api = await startReviewApi();
  origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
  await api.events.start();
});
afterAll(() => api[Symbol.asyncDispose]());

interface Listener {
  events: ReviewEvent[];
  ids: string[];
  ended: Promise<void>;
  close(): void;
}

async function listen(caller: Caller, options: { lastEventId?: string; query?: string } = {}): Promise<Listener> {
  const stop = new AbortController();
  const { lastEventId, query = "" } = options;
  const headers = { ...caller.headers, ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
  const response = await fetch(`${origin}/v1/events${query}`, { headers, signal: stop.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  const listener = { events: [] as ReviewEvent[], ids: [] as string[] };
  let rest = "";
  const decoder = new TextDecoder();
  const take = async () => {
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const id = /^id: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (id) listener.ids.push(id);
        if (data) listener.events.push(ReviewEvent.parse(JSON.parse(data)));
      }
    }
  };
  const ended = take().catch(() => undefined);
  return { ...listener, ended, close: () => stop.abort() };
}

const incidentsIn = ({ events }: Listener) =>
  events.flatMap((event) => (event.type === "incident" ? [event.incident.id] : []));
const heard = (listener: Listener, what: (event: ReviewEvent) => boolean) =>
  until(
    () => listener.events.some(what),
    10_000,
    () => `heard only ${listener.events.map(({ type }) => type)}`,
  );
const hears = (listener: Listener, ...ids: number[]) =>
  until(
    () => ids.every((id) => incidentsIn(listener).includes(id)),
    10_000,
    () => `heard of ${incidentsIn(listener)}, not of all of ${ids}`,
  );
const touch = (on: Db, id: number, priority: number) =>
  on.updateTable("incidents").set({ priority, changed_at: changedNow }).where("id", "=", id).execute();

test("a reader learns of a new incident, of its changes, and of what waits", async () => {
  const listener = await listen(await api.person("viewer"));
  const id = await addIncident(api.review.context);
  await hears(listener, id);
  await touch(api.review.context.db, id, 61);
  await heard(listener, (event) => event.type === "incident" && event.incident.priority === 61);
  const waits = (event: ReviewEvent) => event.type === "waiting" && event.waiting.count > 0;
  await heard(listener, waits);
  listener.close();
  // Nothing changes any more: who comes now is told all the same.
  const later = await listen(await api.person("viewer"));
  await heard(later, waits);
  later.close();
});

test("a change that commits long after it was stamped is not missed, and none is told twice", async () => {
  const { db } = api.review.context;
  const [late, early] = [await addIncident(api.review.context), await addIncident(api.review.context)];
  const listener = await listen(await api.person("viewer"));
  const told = (priority: number) =>
    listener.events.filter((event) => event.type === "incident" && event.incident.priority === priority).length;
  await db.transaction().execute(async (transaction) => {
    await touch(transaction, late, 71);
    // Looks pass by, for longer than each looks back anyway.
    for (let round = 0; round < 8; round += 1) {
      await touch(db, early, 72 + round);
      await heard(listener, (event) => event.type === "incident" && event.incident.priority === 72 + round);
    }
    expect(told(71)).toBe(0);
  });
  await heard(listener, (event) => event.type === "incident" && event.incident.priority === 71);
  await touch(db, early, 90);
  await heard(listener, (event) => event.type === "incident" && event.incident.priority === 90);
  expect([71, 72, 75, 79, 90].map(told)).toEqual([1, 1, 1, 1, 1]);
  listener.close();
});

test("the end of a hold is told to its person alone; a decision to everybody", async () => {
  const id = await addIncident(api.review.context, { priority: 99 });
  const [owner, other] = [await api.person("moderator"), await api.person("lead")];
  const [mine, theirs] = [await listen(owner), await listen(other)];
  const { token } = (await owner("POST", `/v1/incidents/${id}/take`, {})).json();
  const taken = (await other("POST", `/v1/incidents/${id}/take`, { takeOver: true })).json();
  await heard(mine, ({ type }) => type === "hold-ended");
  expect(mine.events.filter(({ type }) => type === "hold-ended")).toMatchObject([
    { token, incidentId: id, endedBy: "taken-over", holder: { id: other.id } },
  ]);

  const decision = { outcome: "no-violation", token: taken.token, seenThrough: 1 };
  const decided = await other("POST", `/v1/incidents/${id}/decision`, decision, { "idempotency-key": "decided-once" });
  for (const listener of [mine, theirs])
    await heard(listener, (event) => event.type === "decision" && event.decision.id === decided.json().id);
  expect(theirs.events.filter(({ type }) => type === "hold-ended")).toEqual([]);
  mine.close();
  theirs.close();
});

test("a hold that ran out is told of", async () => {
  const id = await addIncident(api.review.context, { priority: 99 });
  const owner = await api.person("moderator");
  const { token } = (await owner("POST", `/v1/incidents/${id}/take`, {})).json();
  const listener = await listen(owner);
  api.review.advance(api.review.context.timing.leaseMs + 1);
  await expireHolds(api.review.context);
  await heard(listener, (event) => event.type === "hold-ended" && event.token === token);
  const ended = listener.events.find(({ type }) => type === "hold-ended");
  expect(ended).toMatchObject({ endedBy: "expired", holder: null });
  listener.close();
});

describe("a reader who comes back", () => {
  test("gets what it missed, once and in order, by header or by query", async () => {
    const caller = await api.person("viewer");
    const before = await listen(caller);
    const first = await addIncident(api.review.context);
    await hears(before, first);
    before.close();
    await before.ended;
    const lastEventId = before.ids.at(-1) ?? "";

    const witness = await listen(caller);
    const missed = [await addIncident(api.review.context), await addIncident(api.review.context)];
    await hears(witness, ...missed);
    for (const options of [{ lastEventId }, { query: `?lastEventId=${lastEventId}` }]) {
      const after = await listen(caller, options);
      await hears(after, ...missed);
      expect(after.events.map(({ type }) => type)).not.toContain("reset");
      expect(after.ids.filter((id) => before.ids.includes(id))).toEqual([]);
      expect(after.ids).toEqual(witness.ids.slice(-after.ids.length));
      after.close();
    }
    witness.close();
  });

  test("is answered before the first heartbeat if it missed nothing", async () => {
    const caller = await api.person("viewer");
    const before = await listen(caller);
    await until(
      () => before.ids.length > 0,
      5_000,
      () => "no id came",
    );
    before.close();
    (await listen(caller, { lastEventId: before.ids.at(-1) ?? "" })).close();
  }, 10_000);

  test("resumes from the beginning of its stream even if nothing had come", async () => {
    const caller = await api.person("viewer");
    const quiet = await listen(caller);
    await until(
      () => quiet.ids.length > 0,
      10_000,
      () => "the stream began without an id",
    );
    quiet.close();
    const after = await listen(caller, { lastEventId: quiet.ids[0] ?? "" });
    const id = await addIncident(api.review.context);
    await hears(after, id);
    expect(after.events[0]?.type).not.toBe("reset");
    after.close();
  });

  test("is told to read everything anew after an id that is not known here", async () => {
    const listener = await listen(await api.person("viewer"), { lastEventId: "of-another-process-7" });
    await heard(listener, ({ type }) => type === "reset");
    listener.close();
  });
});

test("a key with the scope read follows, and learns of nobody's holds", async () => {
  const listener = await listen(await api.key(["read"]));
  const id = await addIncident(api.review.context);
  await hears(listener, id);
  listener.close();
});

test("a reader who takes nothing is let go, and the others go on", async () => {
  const caller = await api.person("viewer");
  const { context } = api.review;
  const socket: Socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const ids = [];
  for (let index = 0; index < 100; index += 1) ids.push(await addIncident(context));
  const witness = await listen(caller);
  socket.write(`GET /v1/events HTTP/1.1\r\nhost: localhost\r\ncookie: ${caller.headers.cookie}\r\n\r\n`);
  socket.pause();
  // Four megabytes with every round: more than the sockets and the server keep for one reader.
  await context.db
    .updateTable("streams")
    .set({ title: "x".repeat(40_000) })
    .execute();
  for (let round = 0; round < 8; round += 1) {
    const known = witness.events.length;
    await context.db
      .updateTable("incidents")
      .set(({ fn }) => ({ changed_at: fn("clock_timestamp") }))
      .where("id", "in", ids)
      .execute();
    await until(
      () => witness.events.length >= known + ids.length,
      10_000,
      () => `${witness.events.length - known} of ${ids.length}`,
    );
  }
  socket.resume();
  await closed;
  expect(witness.events.length).toBeGreaterThan(100);
  witness.close();
}, 120_000);

test("more changes at once than a reader can use are one reset", async () => {
  const { db } = api.review.context;
  const listener = await listen(await api.person("viewer"));
  const facts = await db.selectFrom("incidents").selectAll().executeTakeFirstOrThrow();
  const { id: _, ...row } = { ...facts, joinable: false, priority_terms: "[]", changed_at: changedNow };
  const rows = Array.from({ length: 2_001 }, () => row);
  await db.transaction().execute(async (transaction) => {
    for (let start = 0; start < rows.length; start += 500)
      await transaction
        .insertInto("incidents")
        .values(rows.slice(start, start + 500))
        .execute();
  });
  await heard(listener, ({ type }) => type === "reset");
  listener.close();
});

test("a server that stops ends its streams and is down at once", async () => {
  await using other = await startReviewApi({ review: api.review });
  const at = await other.app.listen({ host: "127.0.0.1", port: 0 });
  const caller = await other.person("viewer");
  const response = await fetch(`${at}/v1/events`, { headers: caller.headers });
  const ended = response.text();
  await other.app.close();
  expect(await ended).toContain("retry: 1000");
});
