/** Decisions on their way to the platform: a real Postgres, a real topic, and the command that shows them. */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { PubSub } from "@google-cloud/pubsub";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { ensureTopics } from "../../src/producer/ingress/subscription.ts";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { DecisionMessage } from "../../src/review/contract/decision.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { createDecisionPublisher, type DecisionPublisher } from "../../src/review/decisions/decision-publisher.ts";
import { latestDecisions } from "../../src/review/decisions/latest-decisions.ts";
import { createOutbox } from "../../src/review/decisions/outbox.ts";
import { undoDecision } from "../../src/review/decisions/undo.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { reviewOverdueDecisionSeconds } from "../../src/telemetry/metrics.ts";
import { type CommandResult, runCommand, startCommand } from "../command.ts";
import { startReview, type TestReview } from "../review.ts";
import { addIncident } from "../review-incidents.ts";
import { until } from "../system.ts";

const patienceMs = 30_000;
const project = "decisions-test";

let review: TestReview;
let actor: PersonActor;
let emulator: Awaited<ReturnType<typeof startPubSubEmulator>>;
let port: number;
let publisher: DecisionPublisher;
let outbox: ReturnType<typeof createOutbox>;

const makeTopics = () =>
  ensureTopics({
    project,
    capturesTopic: "captures",
    capturesSubscription: "captures-ingress",
    verdictsTopic: "verdicts",
    decisionsTopic: "decisions",
  });

beforeAll(async () => {
  review = await startReview();
  actor = await review.addUser("One");
  emulator = await startPubSubEmulator({ port: 0 });
  port = Number(emulator.address.split(":")[1]);
  process.env.PUBSUB_EMULATOR_HOST = emulator.address;
  process.env.METADATA_SERVER_DETECTION = "none";
  await makeTopics();
});
afterAll(async () => {
  await review.close();
  await emulator.stop();
});

beforeEach(async () => {
  publisher = createDecisionPublisher({ project, topic: "decisions" });
  outbox = createOutbox(review.context, publisher);
  await outbox.start();
});
afterEach(async () => {
  await outbox.stop();
  await publisher.close();
});

async function decided(streamId: string, facts: { note?: string; action?: string; category?: string } = {}) {
  const { note = "", action = "warn", category = "pornography" } = facts;
  const id = await addIncident(review.context, { stream_id: streamId, joinable: false });
  const hold = await takeIncident(review.context, actor, id, { takeOver: false });
  return decide(review.context, actor, id, {
    token: hold.token,
    seenThrough: hold.incident.newestFrame,
    outcome: "violation",
    category,
    action,
    note,
    withoutPicture: false,
  });
}

const environment = () => ({
  PUBSUB_EMULATOR_HOST: emulator.address,
  GOOGLE_CLOUD_PROJECT: project,
  DATABASE_URL: review.url,
});

/** `briareus decisions --follow --json`, and what it has printed. */
async function follow(...args: string[]) {
  const { child, result } = startCommand(["decisions", "--follow", "--json", ...args], environment());
  const decisions: DecisionMessage[] = [];
  const words: string[] = [];
  readLines(child, "stdout", (line) => decisions.push(DecisionMessage.parse(JSON.parse(line))));
  readLines(child, "stderr", (line) => words.push(line));
  await until(
    () => words.some((line) => line.includes("waiting for decisions")),
    patienceMs,
    () => words.join("\n"),
  );
  return {
    decisions,
    words,
    untilCount: (count: number) =>
      until(
        () => decisions.length >= count,
        patienceMs,
        () => `${decisions.length} of ${count} decisions; ${words}`,
      ),
    async end(): Promise<CommandResult> {
      child.kill("SIGINT");
      return result;
    },
  };
}

function readLines(child: ChildProcess, from: "stdout" | "stderr", onLine: (line: string) => void) {
  const stream = child[from];
  if (!stream) throw new Error(`the command has no ${from}`);
  createInterface(stream).on("line", onLine);
}

const overdueSeconds = async () => (await reviewOverdueDecisionSeconds.get()).values[0]?.value;

const idsOf = (decisions: readonly { streamId: string; decisionId: string }[], streamId: string) =>
  decisions.filter((decision) => decision.streamId === streamId).map(({ decisionId }) => decisionId);

describe("decisions", () => {
  test("reach the topic once each, in order within a stream; what was undone in time does not", async () => {
    const following = await follow();
    const streams = [randomUUID(), randomUUID()];
    const made: { id: string; streamId: string }[] = [];
    for (let count = 0; count < 12; count += 1) {
      made.push(await decided(streams[count % 2] ?? ""));
      review.advance(100);
    }
    const undone = made[4]?.id ?? "";
    await undoDecision(review.context, actor, undone);
    review.advance(10_000);
    await following.untilCount(11);
    const last = await decided("the end");
    review.advance(10_000);
    await following.untilCount(12);
    expect(following.decisions.map(({ decisionId }) => decisionId)).toContain(last.id);
    for (const streamId of streams) {
      const wanted = made.filter((one) => one.streamId === streamId && one.id !== undone).map(({ id }) => id);
      expect(idsOf(following.decisions, streamId)).toEqual(wanted);
    }
    expect(following.decisions).toHaveLength(12);
    expect((await following.end()).code).toBe(0);
  });

  test("wait while Pub/Sub is away, and arrive in order when it is back", async () => {
    const streamId = randomUUID();
    await emulator.stop();
    const made = [];
    for (let count = 0; count < 5; count += 1) made.push(await decided(streamId));
    review.advance(15_000);
    await until(
      async () => (await outbox.health()).detail !== "outbox: ok",
      patienceMs,
      () => "the outbox never noticed",
    );
    await until(
      async () => (await overdueSeconds()) === 5,
      patienceMs,
      () => "nothing tells that decisions are overdue",
    );
    emulator = await startPubSubEmulator({ port });
    await makeTopics();
    const following = await follow("--subscription", "platform");
    const late = await decided(streamId);
    review.advance(10_000);
    await until(
      () => idsOf(following.decisions, streamId).includes(late.id),
      patienceMs,
      () => `${following.decisions.length} came`,
    );
    const came = idsOf(following.decisions, streamId);
    // Those that were published between the topic's making and the subscription's have come and gone.
    expect(came).toEqual([...made, late].map(({ id }) => id).slice(-came.length));
    const unsent = () =>
      review.context.db
        .selectFrom("outbox")
        .select("id")
        .where("stream_id", "=", streamId)
        .where("sent_at", "is", null)
        .execute();
    await until(
      async () => (await unsent()).length === 0,
      patienceMs,
      () => "some were never marked as sent",
    );
    await until(
      async () => (await overdueSeconds()) === 0,
      patienceMs,
      () => "decisions are said to be overdue still",
    );
    await following.end();
  });

  test("of a stream go on after one was refused", async () => {
    const late = createDecisionPublisher({ project, topic: "made-later" });
    const [sent] = await latestDecisions(review.context.db, 1);
    if (!sent) throw new Error("there is no decision");
    const payload = sent.message;
    await expect(late.publish(payload)).rejects.toThrow("made-later");
    const pubsub = new PubSub({ projectId: project });
    await pubsub.createTopic("made-later");
    await late.publish(payload);
    await Promise.all([late.close(), pubsub.close()]);
  });

  test("are kept for a named subscription while nobody follows", async () => {
    const first = await follow("--subscription", "audit");
    await first.end();
    const { id } = await decided(randomUUID());
    review.advance(10_000);
    const second = await follow("--subscription", "audit");
    await second.untilCount(1);
    expect(second.decisions[0]?.decisionId).toBe(id);
    expect(second.decisions).toHaveLength(1);
    await second.end();
  });
});

describe("briareus decisions", () => {
  const list = (...args: string[]) => runCommand(["decisions", ...args], environment());

  test("lists the last ones, what can still be undone, and what was; names cannot steer the terminal", async () => {
    const sent = await decided("stream \u001b[31mred", { action: "warn" });
    review.advance(10_000);
    await until(
      async () => (await list("--last", "1", "--json")).output.includes('"state":"sent"'),
      patienceMs,
      () => "it was never sent",
    );
    const undone = await decided(randomUUID());
    await undoDecision(review.context, actor, undone.id);
    await decided(randomUUID(), { note: "third\u0007 time" });
    const { output, code } = await list("--last", "3");
    expect(code).toBe(0);
    const [head, ...rows] = output.trim().split("\n");
    expect(head).toMatch(/^decided at +stream +incident +decision$/);
    expect(rows[0]).toMatch(/stream �\[31mred +#\d+ +pornography → warn$/);
    expect(rows[1]).toContain("(undone)");
    expect(rows[2]).toMatch(/\(waiting\) {2}"third� time"$/);
    const json = (await list("--last", "3", "--json")).output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(json.map(({ decisionId, state }) => [decisionId, state]).slice(0, 2)).toEqual([
      [sent.id, "sent"],
      [undone.id, "undone"],
    ]);
  });

  test("says in words what is missing", async () => {
    const nobody = { ...environment(), DATABASE_URL: "postgres://127.0.0.1:1/none" };
    expect(await runCommand(["decisions"], nobody)).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^briareus: the database cannot be read \(.*ECONNREFUSED.*doctor/),
    });
    const noTopic = { ...environment(), BRIAREUS_DECISIONS_TOPIC: "elsewhere" };
    expect(await runCommand(["decisions", "--follow"], noTopic)).toMatchObject({
      code: 1,
      errors: expect.stringContaining('has no topic "elsewhere"'),
    });
    expect((await list("--subscription", "audit")).code).toBe(2);
  });
});
