/** The publisher SDK against the protocol that it speaks in production. */
import { type Message, PubSub, type Subscription } from "@google-cloud/pubsub";
import { context, ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { type PubSubEmulator, startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import {
  type CaptureInput,
  createPublisher,
  type Publisher,
  type PublisherOptions,
} from "../../src/producer/publisher.ts";
import { range } from "./pubsub-client.ts";

let emulator: PubSubEmulator;
let client: PubSub;
let topic: string;
let subscription: Subscription;
let arrived: Message[];
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
  topic = `captures-${++lastNumber}`;
  await client.createTopic(topic);
  [subscription] = await client.createSubscription(topic, topic, { enableMessageOrdering: true });
  arrived = [];
  subscription.on("message", (message) => {
    arrived.push(message);
    message.ack();
  });
  return async () => void (await subscription.close());
});

const capture = (number: number, streamId = "s"): CaptureInput => ({
  captureId: `c-${number}`,
  streamId,
  capturedAt: "2026-03-01T12:00:00Z",
  imageUri: `https://pictures.example/${number}.jpg`,
});
const arrival = (count: number) => vi.waitFor(() => expect(arrived).toHaveLength(count), { timeout: 20_000 });
const bodies = () => arrived.map(({ data }) => JSON.parse(String(data)));

/** Gives the test a publisher that is closed when the test is over. */
async function publishing(options: PublisherOptions, use: (publisher: Publisher) => Promise<void>) {
  const publisher = createPublisher({ projectId: "tests", topic, ...options });
  try {
    await use(publisher);
  } finally {
    await publisher.close();
  }
}

describe("a capture that is published", () => {
  test("arrives as JSON with its defaults, its ids as attributes, under the id that publish() gave", async () => {
    await publishing({}, async (publisher) => {
      const id = await publisher.publish(capture(1));
      await arrival(1);
      expect(bodies()).toEqual([{ schemaVersion: 1, attributes: {}, ...capture(1) }]);
      expect(arrived[0]).toMatchObject({ id, attributes: { captureId: "c-1", streamId: "s" }, orderingKey: "" });
    });
  });

  test("carries the caller's trace, and none where there is none", async () => {
    new NodeTracerProvider().register();
    const span = {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      traceFlags: TraceFlags.SAMPLED,
    };
    await publishing({}, async (publisher) => {
      await context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => publisher.publish(capture(1)));
      await publisher.publish(capture(2));
      await arrival(2);
      const traces = arrived.map(({ attributes }) => [attributes.captureId, attributes.traceparent]);
      expect(Object.fromEntries(traces)).toEqual({ "c-1": `00-${span.traceId}-${span.spanId}-01`, "c-2": undefined });
    });
    trace.disable();
    context.disable();
  });

  test("keeps its place in its stream where ordering is asked for", async () => {
    await publishing(
      { ordering: true, flowControl: { maxOutstandingMessages: 3, maxOutstandingBytes: 1_000 } },
      async (publisher) => {
        await Promise.all(range(40).map((number) => publisher.publish(capture(number, `s-${number % 2}`))));
        await arrival(40);
        for (const stream of ["s-0", "s-1"]) {
          const ids = arrived
            .filter(({ orderingKey }) => orderingKey === stream)
            .map(({ attributes }) => attributes.captureId);
          expect(ids).toEqual(
            range(40)
              .filter((number) => `s-${number % 2}` === stream)
              .map((number) => `c-${number}`),
          );
        }
      },
    );
  });
});

test("what is no capture is refused with the name of every wrong field, and is not sent", async () => {
  await publishing({}, async (publisher) => {
    const wrong = { ...capture(1), streamId: "", capturedAt: "noon", imageUri: "picture.jpg" };
    await expect(publisher.publish(wrong)).rejects.toMatchObject({
      name: "PublisherError",
      code: "invalid-capture",
      message: expect.stringMatching(/^not a valid capture: .*streamId: .*capturedAt: .*imageUri: must be a URI/),
    });
    await publisher.publish(capture(2));
    await arrival(1);
    expect(bodies()).toMatchObject([{ captureId: "c-2" }]);
  });
});

test("publish() holds back what exceeds the flow control until something is stored", async () => {
  const flowControl = { maxOutstandingMessages: 2, maxOutstandingBytes: 2 ** 20 };
  await publishing({ flowControl, batching: { maxMessages: 100, maxMilliseconds: 300 } }, async (publisher) => {
    await Promise.all(range(4).map((number) => publisher.publish(capture(number))));
    await arrival(4);
    // The first two fill a batch's time alone; the other two enter only then and fill another.
    const storedAtMs = arrived.map(({ publishTime }) => publishTime.getTime()).toSorted((a, b) => a - b);
    expect(Number(storedAtMs[1]) - Number(storedAtMs[0])).toBeLessThan(150);
    expect(Number(storedAtMs[2]) - Number(storedAtMs[1])).toBeGreaterThan(150);
  });
});

describe("close()", () => {
  test("sends at once what waits for its batch or for the flow control", async () => {
    const publisher = createPublisher({
      projectId: "tests",
      topic,
      flowControl: { maxOutstandingMessages: 2, maxOutstandingBytes: 2 ** 20 },
      batching: { maxMessages: 100, maxMilliseconds: 3_600_000 },
    });
    const sent = Promise.all(range(5).map((number) => publisher.publish(capture(number))));
    await publisher.close();
    expect(new Set(await sent).size).toBe(5);
    await arrival(5);
  });

  test("lets nothing more be published, and may be called again", async () => {
    const publisher = createPublisher({ projectId: "tests", topic });
    await publisher.close();
    await expect(publisher.publish(capture(1))).rejects.toMatchObject({ name: "PublisherError", code: "closed" });
    await publisher.close();
  });
});

describe("what Pub/Sub does not take is `rejected`, naming the capture:", () => {
  test("no such topic", async () => {
    await publishing({ topic: "nowhere" }, async (publisher) => {
      await expect(publisher.publish(capture(1))).rejects.toMatchObject({
        code: "rejected",
        message: expect.stringMatching(/capture "c-1" \(is there a topic "nowhere"\?\)/),
      });
    });
  });

  test("no such topic, in order: each is told of by itself, and the stream goes on when there is one", async () => {
    await publishing({ topic: `${topic}-later`, ordering: true }, async (publisher) => {
      const results = await Promise.allSettled(range(3).map((number) => publisher.publish(capture(number))));
      const reasons = results.map((result) => (result.status === "rejected" ? result.reason.message : "stored"));
      expect(reasons).toEqual(range(3).map((number) => expect.stringContaining(`capture "c-${number}"`)));
      await client.createTopic(`${topic}-later`);
      await expect(publisher.publish(capture(4))).resolves.toEqual(expect.any(String));
    });
  });

  test("nobody answers in time", async () => {
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${await freePort()}`;
    const unreachable = createPublisher({ projectId: "tests", topic, timeoutMs: 500 });
    process.env.PUBSUB_EMULATOR_HOST = emulator.address;
    await expect(unreachable.publish(capture(1))).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringContaining('capture "c-1"'),
    });
    await unreachable.close();
  });
});
