/** The demo's live streams, published for real and fetched as the pipeline would. */
import { PubSub } from "@google-cloud/pubsub";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Capture } from "../../src/capture/capture.ts";
import { type PubSubEmulator, startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { type SampleStreamOptions, startSampleStreams } from "../../src/local/sample-streams/start-sample-streams.ts";
import { createPublisher, type Publisher } from "../../src/producer/publisher.ts";
import { patience } from "../patience.ts";

process.env.METADATA_SERVER_DETECTION = "none";

let emulator: PubSubEmulator;
let client: PubSub;
let topic: string;
let publisher: Publisher;
let arrived: Capture[];
let publishedBefore: number;
let lastNumber = 0;

beforeAll(async () => {
  emulator = await startPubSubEmulator({ port: 0 });
  process.env.PUBSUB_EMULATOR_HOST = emulator.address;
  client = new PubSub({ projectId: "tests" });
});
afterAll(async () => {
  await client.close();
  await emulator.stop();
});

beforeEach(async () => {
  topic = `streams-${++lastNumber}`;
  arrived = [];
  publishedBefore = emulator.stats().published;
  const close = await collect();
  publisher = createPublisher({ projectId: "tests", topic });
  return async () => {
    await publisher.close();
    await close();
  };
});

/** Makes the topic, and collects what is published on it from now on. */
async function collect(): Promise<() => Promise<void>> {
  await client.createTopic(topic);
  const [subscription] = await client.createSubscription(topic, `${topic}-${crypto.randomUUID()}`);
  subscription.on("message", (message) => {
    message.ack();
    arrived.push(Capture.parse(JSON.parse(String(message.data))));
  });
  return () => subscription.close();
}

const start = (options: Partial<SampleStreamOptions>) =>
  startSampleStreams({ streams: 3, fps: 50, publisher, runId: "run", ...options });
const arrival = (count: number) => vi.waitFor(() => expect(arrived).toHaveLength(count), { timeout: 20_000 });
const distinct = (values: readonly string[]) => new Set(values).size;

test("in a burst streams publish more often what they show at the time", async () => {
  const streams = await start({ streams: 1, fps: 1, captures: 40, burst: { times: 100, afterMs: 0, forMs: 60_000 } });
  try {
    await streams.done;
    await arrival(40);
    expect(distinct(arrived.map(({ captureId }) => captureId))).toBe(40);
    const pictures = new Set(arrived.map(({ imageUri }) => imageUri));
    expect(pictures.size).toBeLessThan(40);
    for (const picture of pictures) expect((await fetch(picture)).status).toBe(200);
  } finally {
    await streams.stop();
  }
});

test("streams publish as many captures as wanted, each once and of a picture of its own, and are done", async () => {
  const streams = await start({ captures: 20 });
  await streams.done;
  await arrival(20);
  expect(distinct(arrived.map(({ captureId }) => captureId))).toBe(20);
  expect(distinct(arrived.map(({ imageUri }) => imageUri))).toBe(20);
  expect(distinct(arrived.map(({ streamId }) => streamId))).toBe(3);
  await streams.stop();
});

test("pictures are JPEGs as of a live stream, served until the streams are stopped", async () => {
  const streams = await start({ captures: 1 });
  await streams.done;
  await arrival(1);
  const uri = arrived[0]?.imageUri ?? "";
  const response = await fetch(uri);
  expect(response.headers.get("content-type")).toBe("image/jpeg");
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", width: 1280, height: 720 });
  expect(bytes.length).toBeGreaterThan(100_000);
  expect(bytes.length).toBeLessThan(350_000);
  await streams.stop();
  await expect(fetch(uri)).rejects.toThrow();
});

test("some streams are held upright", async () => {
  const streams = await start({ captures: 3 });
  await streams.done;
  await arrival(3);
  const pictures = await Promise.all(
    arrived.map(async ({ imageUri }) => sharp(await (await fetch(imageUri)).arrayBuffer()).metadata()),
  );
  expect(pictures.map(({ width, height }) => `${width} x ${height}`).toSorted()).toEqual([
    "1280 x 720",
    "1280 x 720",
    "720 x 1280",
  ]);
  await streams.stop();
});

test("streams tell the facts by which a review is put in order", async () => {
  const beganAtMs = Date.now();
  const streams = await start({ captures: 6 });
  await streams.done;
  await arrival(6);
  for (const { attributes } of arrived) {
    expect(Number(attributes.viewers)).toBeGreaterThan(0);
    expect(attributes).toMatchObject({ title: expect.any(String), streamerId: expect.any(String), live: "true" });
    expect(Date.parse(attributes.streamStartedAt ?? "")).toBeLessThan(beganAtMs);
  }
  const startsOf = (streamId: string) =>
    new Set(
      arrived.filter((capture) => capture.streamId === streamId).map(({ attributes }) => attributes.streamStartedAt),
    );
  expect(startsOf("demo-1").size).toBe(1);
  await streams.stop();
});

test("streams that are finished publish no more, and their pictures stay served", async () => {
  const streams = await start({});
  await vi.waitFor(() => expect(arrived.length).toBeGreaterThan(5), patience);
  streams.finish();
  await streams.done;
  const { published } = emulator.stats();
  expect((await fetch(arrived[0]?.imageUri ?? "")).status).toBe(200);
  expect(emulator.stats().published).toBe(published);
  await streams.stop();
});

test("streams outlive an outage of Pub/Sub, and no capture is left out", async () => {
  let refused = 0;
  let underWay = 0;
  let isAway = false;
  const publish: Publisher["publish"] = async (capture) => {
    if (isAway) throw new Error("the outage goes on until somebody listens again");
    underWay += 1;
    return publisher
      .publish(capture)
      .catch((error) => {
        refused += 1;
        throw error;
      })
      .finally(() => {
        underWay -= 1;
      });
  };
  const streams = await start({ publisher: { publish } });
  await vi.waitFor(() => expect(arrived.length).toBeGreaterThan(0), patience);
  await client.topic(topic).delete();
  await vi.waitFor(() => expect(refused).toBeGreaterThan(0), patience);
  // A topic without a subscription swallows what is published.
  isAway = true;
  await vi.waitFor(() => expect(underWay).toBe(0), patience);
  const close = await collect();
  isAway = false;
  const before = arrived.length;
  await vi.waitFor(() => expect(arrived.length).toBeGreaterThan(before), { timeout: 20_000 });
  streams.finish();
  await streams.done;
  await arrival(emulator.stats().published - publishedBefore);
  const captureIds = new Set(arrived.map(({ captureId }) => captureId));
  expect(captureIds.size).toBe(arrived.length);
  const all = Array.from({ length: captureIds.size }, (_, number) => `run-${number % 3}-${Math.floor(number / 3)}`);
  expect(captureIds).toEqual(new Set(all));
  await streams.stop();
  await close();
});

test("streams without a topic are not done but failed", async () => {
  await client.topic(topic).delete();
  const streams = await start({ captures: 5 });
  await expect(streams.done).rejects.toThrow(/is there a topic/);
  await streams.stop();
});

test("streams can be stopped in the middle of an outage", async () => {
  const streams = await start({});
  await vi.waitFor(() => expect(arrived.length).toBeGreaterThan(0), patience);
  await client.topic(topic).delete();
  await streams.stop();
});
