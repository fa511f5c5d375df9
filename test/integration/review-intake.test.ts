/** From the topic of verdicts into a real Postgres, through the real emulator; either may be away. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PubSub } from "@google-cloud/pubsub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Verdict } from "../../src/capture/verdict.ts";
import { type PubSubEmulator, startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import type { Lifecycle } from "../../src/pipeline/lifecycle.ts";
import { createIntake } from "../../src/review/intake/intake.ts";
import type { ReviewContext } from "../../src/review/review-context.ts";
import { registry } from "../../src/telemetry/metrics.ts";
import { clean, flagged, startReview } from "../review.ts";
import { startPostgresServer } from "../services.ts";
import { until } from "../system.ts";

let emulator: PubSubEmulator;
let pubsub: PubSub;
const project = "tests";
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  emulator = await startPubSubEmulator({ port: 0 });
  process.env.PUBSUB_EMULATOR_HOST = emulator.address;
  process.env.METADATA_SERVER_DETECTION = "none";
  pubsub = new PubSub({ projectId: project });
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await pubsub.close();
  await emulator.stop();
  delete process.env.PUBSUB_EMULATOR_HOST;
});

let topics = 0;
/** Names that no other test has. */
const names = () => {
  topics += 1;
  return { project, topic: `verdicts-${topics}`, subscription: `verdicts-review-${topics}` };
};
type Names = ReturnType<typeof names>;

async function startIntake(context: ReviewContext, settings: Names): Promise<Lifecycle> {
  const intake = createIntake(context, settings);
  stops.push(() => intake.stop());
  await intake.start();
  await until(
    () => settings.subscription in subscriptions(),
    20_000,
    () => "the subscription was never made",
  );
  return intake;
}

const subscriptions = () =>
  Object.fromEntries(
    Object.entries(emulator.stats().subscriptions).map(([name, stats]) => [name.split("/").at(-1), stats]),
  );
const publish = ({ topic }: Names, verdicts: readonly Verdict[]) =>
  Promise.all(
    verdicts.map((verdict) =>
      pubsub
        .topic(topic)
        .publishMessage({ json: verdict, attributes: { review: verdict.review, streamId: verdict.streamId ?? "" } }),
    ),
  );
const allAcked = ({ subscription }: Names) =>
  until(
    () => subscriptions()[subscription]?.backlog === 0,
    50_000,
    () => JSON.stringify(subscriptions()[subscription]),
  );
const captures = async ({ db }: ReviewContext) =>
  (await db.selectFrom("frames").select("capture_id").orderBy("capture_id").execute()).map(
    ({ capture_id }) => capture_id,
  );
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const idsOf = (verdicts: readonly Verdict[]) => verdicts.map(({ captureId }) => captureId).toSorted();
/** Incidents count what they hold, whatever happened on the way. */
async function expectSound({ db }: ReviewContext) {
  const incidents = await db.selectFrom("incidents").select(["id", "frame_count", "flagged_count"]).execute();
  const frames = await db.selectFrom("frames").select(["incident_id", "number", "kind"]).execute();
  for (const { id, frame_count, flagged_count } of incidents) {
    const own = frames.filter(({ incident_id }) => incident_id === id);
    expect(own.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(range(frame_count).map((n) => n + 1));
    expect(own.filter(({ kind }) => kind === "flagged")).toHaveLength(flagged_count);
  }
}
const outcomes = async (outcome: string) => {
  const metric = await registry.getSingleMetric("briareus_review_intake_total")?.get();
  return metric?.values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
};

describe("intake", () => {
  test("takes from the topic what people shall see, and nothing else", async () => {
    await using review = await startReview();
    const settings = names();
    const intake = await startIntake(review.context, settings);
    const takenAtMs = review.context.now();
    const wanted = [
      flagged("s", "flagged", { takenAtMs }),
      clean("s", "context", "context", { takenAtMs }),
      clean("s", "sampled", "sampled", { takenAtMs }),
    ];
    await publish(settings, [...wanted, { ...clean("s", "none", "context"), review: "none" }]);
    await allAcked(settings);
    expect(await captures(review.context)).toEqual(idsOf(wanted));
    expect(subscriptions()[settings.subscription]).toMatchObject({ delivered: 3, acked: 3 });
    expect((await intake.health()).detail).toBe("intake: 0 verdicts held");
  });

  test("tells of messages that are no verdict, and acks them", async () => {
    await using review = await startReview();
    const settings = names();
    await startIntake(review.context, settings);
    const before = await outcomes("invalid");
    const attributes = { review: "flagged" };
    const verdict = flagged("s", "good");
    const broken = [
      Buffer.from("no JSON"),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(JSON.stringify({ ...verdict, findings: "none" })),
      Buffer.from(JSON.stringify({ ...verdict, findings: [] })),
      Buffer.from(JSON.stringify({ ...verdict, streamId: null })),
    ];
    await Promise.all(broken.map((data) => pubsub.topic(settings.topic).publishMessage({ data, attributes })));
    await publish(settings, [verdict]);
    await allAcked(settings);
    expect(await captures(review.context)).toEqual(["good"]);
    expect((await outcomes("invalid")) - before).toBe(broken.length);
  });

  test("keeps no verdict waiting for one that the database refuses", async () => {
    await using review = await startReview();
    const settings = names();
    // Random, since Postgres would compress anything else into an index entry.
    const tooLong = Buffer.from(crypto.getRandomValues(new Uint8Array(9_000))).toString("base64");
    const good = range(40).map((index) => flagged(`s${index}`, `c-${index}`));
    const bad = [flagged("s1", tooLong), { ...flagged("s2", "huge"), width: 2 ** 40 }];
    await startIntake(review.context, settings);
    await publish(settings, [...good.slice(0, 13), ...bad, ...good.slice(13)]);
    await allAcked(settings);
    expect(await captures(review.context)).toEqual(idsOf(good));
    const log = await review.context.db
      .selectFrom("activity")
      .select("details")
      .where("kind", "=", "verdict-refused")
      .execute();
    expect(log.map(({ details }) => details.captureId)).toEqual(
      expect.arrayContaining([tooLong.slice(0, 256), "huge"]),
    );
    expect(log).toHaveLength(2);
  });

  test("of two processes stores repeated verdicts once", async () => {
    await using review = await startReview();
    const settings = names();
    const all = [await startIntake(review.context, settings), await startIntake(review.context, settings)];
    const takenAtMs = review.context.now();
    const verdicts = range(600).map((index) =>
      index % 7 === 0
        ? clean(`s${index % 20}`, `c-${index}`, "sampled", { takenAtMs })
        : flagged(`s${index % 20}`, `c-${index}`, { takenAtMs: takenAtMs + index }),
    );
    await publish(settings, [...verdicts, ...verdicts.toReversed(), ...verdicts]);
    await allAcked(settings);
    for (const intake of all) await intake.stop();
    expect(await captures(review.context)).toEqual(idsOf(verdicts));
    await expectSound(review.context);
    const opened = await review.context.db
      .selectFrom("incidents")
      .select("stream_id")
      .where("kind", "=", "flagged")
      .execute();
    expect(opened).toHaveLength(20);
  });

  test("loses nothing and stores nothing twice while Postgres is killed and started again", async () => {
    await using postgres = await startPostgresServer();
    await using review = await startReview({ url: postgres.url });
    const settings = names();
    const intake = await startIntake(review.context, settings);
    const takenAtMs = review.context.now();
    const verdicts = range(3_000).map((index) =>
      flagged(`s${index % 50}`, `c-${index}`, { takenAtMs: takenAtMs + index }),
    );
    const published = publish(settings, verdicts);
    const someStored = async () => (await captures(review.context).catch(() => [])).length > 0;
    await until(someStored, 20_000, () => "nothing was stored");
    await postgres.kill();
    await published;
    await until(
      async () => /^intake: (?!\d+ verdicts held)/.test((await intake.health()).detail),
      20_000,
      () => "intake never noticed",
    );
    expect(subscriptions()[settings.subscription]).toMatchObject({ nacked: 0 });
    await postgres.restart();
    await allAcked(settings);
    expect(await captures(review.context)).toEqual(idsOf(verdicts));
    await expectSound(review.context);
    expect(subscriptions()[settings.subscription]).toMatchObject({ nacked: 0, expired: 0 });
    await intake.stop();
  });

  test("that is killed leaves what it held to the next one", async () => {
    await using review = await startReview();
    const settings = names();
    const program = fileURLToPath(new URL("review-intake-process.ts", import.meta.url));
    const child = spawn(process.execPath, [program, review.url, JSON.stringify(settings)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    stops.push(() => child.kill("SIGKILL"));
    await once(createInterface(child.stdout), "line");
    await until(
      () => settings.subscription in subscriptions(),
      20_000,
      () => "the subscription was never made",
    );
    const takenAtMs = review.context.now();
    const verdicts = range(4_000).map((index) =>
      flagged(`s${index % 40}`, `c-${index}`, { takenAtMs: takenAtMs + index }),
    );
    const published = publish(settings, verdicts);
    await until(
      async () => (await captures(review.context)).length > 0,
      20_000,
      () => "nothing was stored",
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    await published;
    expect(subscriptions()[settings.subscription]?.backlog).toBeGreaterThan(0);
    await startIntake(review.context, settings);
    await allAcked(settings);
    expect(await captures(review.context)).toEqual(idsOf(verdicts));
    await expectSound(review.context);
  });

  test("makes its subscription again when somebody has deleted it", async () => {
    await using review = await startReview();
    const settings = names();
    const intake = await startIntake(review.context, settings);
    await publish(settings, [flagged("s", "before")]);
    await allAcked(settings);
    await pubsub.subscription(settings.subscription).delete();
    await until(
      () => settings.subscription in subscriptions(),
      30_000,
      () => "it was not made again",
    );
    await publish(settings, [flagged("s", "after")]);
    await allAcked(settings);
    expect(await captures(review.context)).toEqual(["after", "before"]);
    await intake.stop();
  });

  test("that stops gives back what it has not stored", async () => {
    await using postgres = await startPostgresServer();
    await using review = await startReview({ url: postgres.url });
    const settings = names();
    const intake = await startIntake(review.context, settings);
    await postgres.kill();
    await publish(
      settings,
      range(20).map((index) => flagged("s", `c-${index}`)),
    );
    await until(
      () => subscriptions()[settings.subscription]?.delivered === 20,
      20_000,
      () => "they were never delivered",
    );
    await intake.stop();
    await intake.stop();
    expect(subscriptions()[settings.subscription]).toMatchObject({ acked: 0, backlog: 20 });
    await postgres.restart();
    await startIntake(review.context, settings);
    await allAcked(settings);
    expect(await captures(review.context)).toHaveLength(20);
  });
});
