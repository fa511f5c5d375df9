/** Decisions while Postgres is killed, and processes that die at the wrong moment: nothing lost, nothing twice. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../../src/review/access/actor.ts";
import type { DecisionMessage } from "../../src/review/contract/decision.ts";
import type { DecisionView } from "../../src/review/contract/incident.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { replayed } from "../../src/review/decisions/idempotency.ts";
import { createOutbox, sendDue } from "../../src/review/decisions/outbox.ts";
import { claimNext } from "../../src/review/holds/claim-next.ts";
import { createHoldExpiry } from "../../src/review/holds/expire-holds.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { ReviewError } from "../../src/review/review-error.ts";
import { type PostgresServer, startPostgresServer } from "../postgres/server.ts";
import { startReview, type TestReview } from "../review.ts";
import { addIncident } from "../review-incidents.ts";
import { until } from "../system.ts";

const patienceMs = 30_000;

let server: PostgresServer;
let review: TestReview;
beforeAll(async () => {
  server = await startPostgresServer({ fsync: "off" });
  review = await startReview({ url: server.url, connections: 20 });
});
afterAll(async () => {
  await review.close();
  await server.stop();
});

function topic() {
  const published: DecisionMessage[] = [];
  return {
    published,
    publish: async (message: DecisionMessage) => void published.push(message),
    close: async () => {},
  };
}

const dismissal = (token: number, seenThrough: number) => ({
  outcome: "no-violation" as const,
  token,
  seenThrough,
  note: "",
  withoutPicture: false,
});

/** As a page does: the same request with the same key, until it is answered. */
async function persist(actor: PersonActor, incidentId: number, token: number): Promise<DecisionView> {
  const key = randomUUID();
  const request = dismissal(token, 1);
  let answer: DecisionView | undefined;
  await until(
    async () => {
      try {
        answer = await replayed(review.context, actor, key, request, (context) =>
          decide(context, actor, incidentId, request),
        );
        return true;
      } catch (error) {
        if (error instanceof ReviewError) throw error;
        return false;
      }
    },
    patienceMs,
    () => "the database never answered",
  );
  if (!answer) throw new Error("there is no answer");
  return answer;
}

test("decisions outlive a Postgres that is killed under them: each is made once, and none is lost on its way", async () => {
  const out = topic();
  const outbox = createOutbox(review.context, out);
  const expiry = createHoldExpiry(review.context);
  await outbox.start();
  await expiry.start();
  const actors = await Promise.all(Array.from({ length: 6 }, (_, index) => review.addUser(`Person ${index}`)));
  const ids: number[] = [];
  for (let count = 0; count < 60; count += 1) ids.push(await addIncident(review.context));
  const answers = new Map<number, DecisionView>();
  const work = Promise.all(
    actors.map(async (actor, index) => {
      for (const id of ids.filter((_, at) => at % actors.length === index)) {
        let token: number | undefined;
        await until(
          async () => {
            token = await takeIncident(review.context, actor, id, { takeOver: false }).then(
              (hold) => hold.token,
              () => undefined,
            );
            return token !== undefined;
          },
          patienceMs,
          () => `incident ${id} was never taken`,
        );
        answers.set(id, await persist(actor, id, token ?? 0));
        review.advance(1_000);
      }
    }),
  );
  for (const share of [10, 30]) {
    await until(
      () => answers.size >= share,
      patienceMs,
      () => `${answers.size} decided`,
    );
    await server.kill();
    await server.restart();
  }
  await work;
  review.advance(10_000);
  await until(
    () => new Set(out.published.map(({ decisionId }) => decisionId)).size >= ids.length,
    patienceMs,
    () => `${out.published.length} of ${ids.length} were sent`,
  );
  await Promise.all([outbox.stop(), expiry.stop()]);
  const made = await review.context.db.selectFrom("decisions").select(["id", "incident_id"]).execute();
  expect(made.map(({ incident_id }) => incident_id).toSorted((a, b) => a - b)).toEqual(ids);
  expect([...answers.values()].map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
  // Publishing and noting it are two steps: a kill between them may repeat what was in hand, never more.
  expect(new Set(out.published.map(({ decisionId }) => decisionId)).size).toBe(ids.length);
});

test("a process that died after the commit leaves the answer to the next one", async () => {
  const actor = await review.addUser("Patient");
  const id = await addIncident(review.context);
  const { token } = await takeIncident(review.context, actor, id, { takeOver: false });
  const request = dismissal(token, 1);
  const key = randomUUID();
  const ask = ({ context }: TestReview) =>
    replayed(context, actor, key, request, (inside) => decide(inside, actor, id, request));
  const dying = await startReview({ url: server.url });
  const lost = await ask(dying);
  await dying.close();
  expect(await ask(review)).toEqual(lost);
});

test("a process that died before the commit leaves nothing, and the same request is done then", async () => {
  const actor = await review.addUser("Unlucky");
  const id = await addIncident(review.context);
  const { token } = await takeIncident(review.context, actor, id, { takeOver: false });
  const request = dismissal(token, 1);
  const key = randomUUID();
  const broken = replayed(review.context, actor, key, request, async (inside) => {
    const answer = await decide(inside, actor, id, request);
    await server.kill();
    return answer;
  });
  await expect(broken).rejects.toThrow();
  await server.restart();
  const decision = await replayed(review.context, actor, key, request, (inside) => decide(inside, actor, id, request));
  expect(decision.incidentId).toBe(id);
});

test("a sender that dies between publishing and the commit sends again, and the platform sees the same decision", async () => {
  const actor = await review.addUser("Sender");
  await addIncident(review.context, { priority: 99 });
  const { current } = await claimNext(review.context, actor);
  if (!current) throw new Error("nothing was claimed");
  const decision = await decide(review.context, actor, current.incident.id, dismissal(current.token, 1));
  review.advance(10_000);
  const out = topic();
  const dying = { ...out, publish: (message: DecisionMessage) => out.publish(message).then(() => server.kill()) };
  await expect(sendDue(review.context, dying)).rejects.toThrow();
  await server.restart();
  await sendDue(review.context, out);
  await sendDue(review.context, out);
  const sent = out.published.filter(({ decisionId }) => decisionId === decision.id);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
});
