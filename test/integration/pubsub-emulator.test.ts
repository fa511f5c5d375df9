/** Where the service is stricter than Google's own fake of it, our emulator is as strict as the service. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { PubSub, type Subscription, type Topic, v1 } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PubSubEmulator, startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { patience } from "../patience.ts";
import { first, listen, range, status, subscriberClient } from "./pubsub-client.ts";

describe("calls", () => {
  let service: PubSubEmulator;
  let client: PubSub;
  let subscriber: v1.SubscriberClient;
  let topic: Topic;
  let lastNumber = 0;

  beforeAll(async () => {
    service = await startPubSubEmulator({ port: 0, maxBacklog: 50 });
    client = new PubSub({ projectId: "tests", apiEndpoint: service.address });
    subscriber = subscriberClient(service.address);
  });
  afterAll(async () => {
    await Promise.all([client.close(), subscriber.close()]);
    await service.stop();
  });

  async function create(options: Parameters<Topic["createSubscription"]>[1] = {}): Promise<Subscription> {
    lastNumber += 1;
    [topic] = await client.createTopic(`topic-${lastNumber}`);
    const [subscription] = await topic.createSubscription(`subscription-${lastNumber}`, options);
    return subscription;
  }

  const publish = (texts: (string | number)[], orderingKey?: string) => {
    topic.setPublishOptions({ messageOrdering: Boolean(orderingKey) });
    return Promise.all(texts.map((text) => topic.publishMessage({ data: Buffer.from(String(text)), orderingKey })));
  };

  /** A stream whose requests are written by the test. */
  function openStream(request: object) {
    const stream = subscriber.streamingPull();
    const messages: { ackId: string; text: string }[] = [];
    let responses = 0;
    stream.on("data", ({ receivedMessages }) => {
      responses += 1;
      for (const { ackId, message } of receivedMessages) messages.push({ ackId, text: String(message.data) });
    });
    const failed = new Promise<unknown>((resolve) => stream.on("error", resolve));
    stream.write({ streamAckDeadlineSeconds: 10, ...request });
    /** Resolves when the stream has answered, so that all it sent before has arrived. */
    const roundTrip = async () => {
      const before = responses;
      stream.write({});
      await vi.waitFor(() => expect(responses).toBeGreaterThan(before), patience);
    };
    return { stream, messages, failed, roundTrip, texts: () => messages.map(({ text }) => text) };
  }

  test("a message without data and attributes is refused", async () => {
    await create();
    await expect(topic.publishMessage({ data: Buffer.alloc(0) })).rejects.toMatchObject({
      code: status.invalidArgument,
      message: expect.stringContaining("message 0 of the request is empty"),
    });
    await expect(topic.publishMessage({ attributes: { only: "attributes" } })).resolves.toEqual(expect.any(String));
  });

  test.each([
    ["an attribute key that is reserved", { attributes: { googleThing: "x" } }],
    ["an attribute value of more than 1,024 bytes", { attributes: { key: "x".repeat(1025) } }],
    ["more than 100 attributes", { attributes: Object.fromEntries(range(101).map((n) => [`k${n}`, "v"])) }],
  ])("%s is refused", async (_, message) => {
    await create();
    await expect(topic.publishMessage(message)).rejects.toMatchObject({ code: status.invalidArgument });
  });

  test("a message of 9.9 MB arrives, one above 10 MB is refused", async () => {
    const subscription = await create();
    const data = Buffer.alloc(9_900_000, "x");
    await topic.publishMessage({ data });
    const { messages, close } = listen(subscription, (message) => message.ack());
    expect((await first(messages)).data.length).toBe(data.length);
    await close();
    await expect(topic.publishMessage({ data: Buffer.alloc(10_000_001) })).rejects.toMatchObject({
      code: status.invalidArgument,
    });
  });

  test("malformed ack ids are refused, unknown ones are passed over", async () => {
    const { name } = await create();
    for (const ackId of ["", "nonsense", "../../etc/passwd", "aaaaaaaa:1:1:1"]) {
      const refused = { code: status.invalidArgument, message: expect.stringContaining("malformed ack id") };
      await expect(subscriber.acknowledge({ subscription: name, ackIds: [ackId] })).rejects.toMatchObject(refused);
      await expect(
        subscriber.modifyAckDeadline({ subscription: name, ackIds: [ackId], ackDeadlineSeconds: 20 }),
      ).rejects.toMatchObject(refused);
    }
    await subscriber.acknowledge({ subscription: name, ackIds: ["aaaaaaaa:1:1"] });
    const { failed, stream } = openStream({ subscription: name });
    stream.write({ ackIds: ["nonsense"] });
    expect(await failed).toMatchObject({ code: status.invalidArgument });
  });

  test("an ack id of one subscription acks nothing in another one", async () => {
    const one = await create();
    const [other] = await topic.createSubscription(`other-${lastNumber}`);
    await publish(["shared"]);
    const pull = async ({ name }: Subscription) => {
      const [{ receivedMessages }] = await subscriber.pull({ subscription: name, maxMessages: 1 });
      return receivedMessages?.map(({ ackId }) => ackId ?? "") ?? [];
    };
    const ackIds = await pull(one);
    const others = await pull(other);
    await subscriber.acknowledge({ subscription: other.name, ackIds });
    await subscriber.modifyAckDeadline({ subscription: other.name, ackIds: others, ackDeadlineSeconds: 0 });
    expect(await pull(other)).toHaveLength(1);
  });

  test.each([
    ["a lease below 10 s", { streamAckDeadlineSeconds: 5 }],
    ["no lease", { streamAckDeadlineSeconds: 0 }],
    ["deadlines that do not match their ack ids", { modifyDeadlineAckIds: ["aaaaaaaa:1:1"] }],
    ["no subscription", { subscription: "" }],
  ])("a stream that begins with %s is refused", async (_, request) => {
    const { name } = await create();
    const { failed } = openStream({ subscription: name, ...request });
    expect(await failed).toMatchObject({ code: status.invalidArgument });
  });

  test("a stream that changes its flow control later is refused", async () => {
    const { name } = await create();
    const { failed, stream } = openStream({ subscription: name });
    stream.write({ maxOutstandingMessages: 7 });
    expect(await failed).toMatchObject({ code: status.invalidArgument });
  });

  test("a stream is sent no more messages than it may hold, and one more for each it acks or nacks", async () => {
    const { name } = await create();
    await publish(range(10));
    const { messages, stream, roundTrip, texts } = openStream({ subscription: name, maxOutstandingMessages: 3 });
    await vi.waitFor(() => expect(messages).toHaveLength(3), patience);
    await roundTrip();
    expect(messages).toHaveLength(3);
    stream.write({ ackIds: [messages[0]?.ackId] });
    await vi.waitFor(() => expect(messages).toHaveLength(4), patience);
    await roundTrip();
    expect(texts()).toEqual(["0", "1", "2", "3"]);
    stream.cancel();
  });

  test("a stream is sent no more once it holds the bytes that it may", async () => {
    const { name } = await create();
    await publish(range(6).map((n) => String(n).repeat(1000)));
    const { messages, stream, roundTrip } = openStream({ subscription: name, maxOutstandingBytes: 2500 });
    await vi.waitFor(() => expect(messages).toHaveLength(3), patience);
    await roundTrip();
    expect(messages).toHaveLength(3);
    stream.write({ ackIds: messages.map(({ ackId }) => ackId) });
    await vi.waitFor(() => expect(messages).toHaveLength(6), patience);
    stream.cancel();
  });

  test("messages of a key go to one stream, and a nack brings back the later ones, acked or not", async () => {
    const { name } = await create({ enableMessageOrdering: true });
    const streams = [openStream({ subscription: name }), openStream({ subscription: name })];
    await publish(range(5), "key");
    await vi.waitFor(() => expect(streams.flatMap(({ messages }) => messages)).toHaveLength(5), patience);
    const holder = streams.find(({ messages }) => messages.length > 0);
    expect(holder?.texts()).toEqual(["0", "1", "2", "3", "4"]);
    const ackId = (index: number) => holder?.messages[index]?.ackId;
    holder?.stream.write({ ackIds: [ackId(0), ackId(3)] });
    holder?.stream.write({ modifyDeadlineAckIds: [ackId(2)], modifyDeadlineSeconds: [0] });
    await vi.waitFor(() => expect(streams.flatMap(({ messages }) => messages)).toHaveLength(8), patience);
    expect(holder?.texts()).toEqual(["0", "1", "2", "3", "4", "2", "3", "4"]);
    holder?.stream.write({ ackIds: [1, 5, 6, 7].map(ackId) });
    await publish(["next"], "key");
    await vi.waitFor(() => expect(streams.flatMap(({ texts }) => texts())).toContain("next"), patience);
    for (const { stream } of streams) stream.cancel();
  });

  test("a redelivery waits for the back-off of the retry policy", async () => {
    const { name } = await create({ retryPolicy: { minimumBackoff: { seconds: 2 }, maximumBackoff: { seconds: 9 } } });
    await publish(["slow"]);
    const { messages, stream } = openStream({ subscription: name });
    await vi.waitFor(() => expect(messages).toHaveLength(1), patience);
    const nackedAtMs = Date.now();
    stream.write({ modifyDeadlineAckIds: [messages[0]?.ackId], modifyDeadlineSeconds: [0] });
    await vi.waitFor(() => expect(messages).toHaveLength(2), { timeout: 10_000 });
    expect(Date.now() - nackedAtMs).toBeGreaterThanOrEqual(2_000);
    stream.cancel();
  });

  test("a dead letter says where it comes from", async () => {
    const deadSubscription = await create();
    const deadTopic = topic;
    const subscription = await create({
      deadLetterPolicy: { deadLetterTopic: deadTopic.name, maxDeliveryAttempts: 5 },
    });
    await publish(["poison"]);
    const { close } = listen(subscription, (message) => message.nack());
    const buried = listen(deadSubscription, (message) => message.ack());
    expect((await first(buried.messages)).attributes).toMatchObject({
      CloudPubSubDeadLetterSourceSubscription: subscription.name.split("/").at(-1),
      CloudPubSubDeadLetterSourceSubscriptionProject: "tests",
      CloudPubSubDeadLetterSourceDeliveryCount: "5",
    });
    await Promise.all([close(), buried.close()]);
  });

  test("a full backlog refuses whole requests until messages are acked", async () => {
    const { name } = await create();
    const { name: topicName } = topic;
    const [servicePath, port] = service.address.split(":");
    const publisher = new v1.PublisherClient({
      servicePath,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
    });
    const send = (count: number) =>
      publisher.publish(
        { topic: topicName, messages: range(count).map(() => ({ data: Buffer.from("x") })) },
        { retry: { retryCodes: [] } },
      );
    await send(49);
    await expect(send(2)).rejects.toMatchObject({ code: status.resourceExhausted });
    await send(1);
    const [{ receivedMessages }] = await subscriber.pull({ subscription: name, maxMessages: 1 });
    await subscriber.acknowledge({ subscription: name, ackIds: [receivedMessages?.[0]?.ackId ?? ""] });
    await send(1);
    await publisher.close();
  });

  test("what the emulator cannot do is refused, not ignored", async () => {
    await expect(create({ pushConfig: { pushEndpoint: "https://example.com/" } })).rejects.toMatchObject({
      code: status.unimplemented,
    });
    await expect(create({ enableExactlyOnceDelivery: true })).rejects.toMatchObject({ code: status.unimplemented });
  });

  test("values out of the service's range are refused by field", async () => {
    await expect(create({ ackDeadlineSeconds: 5 })).rejects.toMatchObject({
      code: status.invalidArgument,
      message: expect.stringContaining("ack_deadline_seconds"),
    });
    await expect(create({ filter: `attributes.k = "${"x".repeat(250)}"` })).rejects.toMatchObject({
      code: status.invalidArgument,
    });
    await expect(create({ filter: 'attributes.a = "1" AND attributes:b OR attributes:c' })).rejects.toMatchObject({
      message: expect.stringContaining("at position 36"),
    });
    await expect(
      create({ retryPolicy: { minimumBackoff: { seconds: 30 }, maximumBackoff: { seconds: 20 } } }),
    ).rejects.toMatchObject({ message: expect.stringContaining("maximum_backoff: 20000 ms is not between 30000") });
    await expect(client.createTopic("2nd")).rejects.toMatchObject({ code: status.invalidArgument });
    const subscription = await create({ filter: "attributes:a" });
    await expect(subscription.setMetadata({ filter: "attributes:b" })).rejects.toMatchObject({
      code: status.invalidArgument,
    });
  });

  test("a deleted subscription ends its streams", async () => {
    const subscription = await create();
    const { failed, roundTrip } = openStream({ subscription: subscription.name });
    await roundTrip();
    await subscription.delete();
    expect(await failed).toMatchObject({ code: status.notFound });
  });
});

describe("the server", () => {
  test("clients go on with an emulator that was started again on the same port", async () => {
    const before = await startPubSubEmulator({ port: 0 });
    const returning = new PubSub({ projectId: "tests", apiEndpoint: before.address });
    const open = async () => {
      const [made] = await returning.createTopic("captures");
      return (await made.createSubscription("captures"))[0];
    };
    const { messages, close } = listen(await open(), (message) => message.ack(), { maxStreams: 1 });
    await returning.topic("captures").publishMessage({ data: Buffer.from("before") });
    await first(messages);
    await close();
    await before.stop();
    const after = await startPubSubEmulator({ port: Number(before.address.split(":")[1]) });
    const again = listen(await open(), (message) => message.ack(), { maxStreams: 1 });
    await returning.topic("captures").publishMessage({ data: Buffer.from("after") });
    expect(String((await first(again.messages)).data)).toBe("after");
    await again.close();
    await returning.close();
    await after.stop();
  });

  test("a port that is taken is said in one sentence", async () => {
    const taken = await startPubSubEmulator({ port: 0 });
    await expect(startPubSubEmulator({ port: Number(taken.address.split(":")[1]) })).rejects.toThrow(
      /cannot listen on 127\.0\.0\.1:\d+: the port is taken/,
    );
    await taken.stop();
  });
});

describe("the command", () => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const start = (...args: string[]) => spawn(process.execPath, [main, "pubsub-emulator", ...args]);

  test("prints its address for the shell, serves, and ends with 0 when asked to", async () => {
    const child = start("--port", "0");
    const exited = once(child, "exit");
    const [line] = await once(createInterface(child.stdout), "line");
    const address = /^export PUBSUB_EMULATOR_HOST=(127\.0\.0\.1:\d+)$/.exec(String(line))?.[1];
    const client = new PubSub({ projectId: "tests", apiEndpoint: address });
    await client.createTopic("captures");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    await client.close();
  });

  test("says in one sentence that its port is taken, and ends with 1", async () => {
    const taken = await startPubSubEmulator({ port: 0 });
    const child = start("--port", taken.address.split(":")[1] ?? "");
    const said = text(child.stderr);
    expect(await once(child, "exit")).toEqual([1, null]);
    expect(await said).toMatch(/^briareus: The Pub\/Sub emulator cannot listen on \S+: the port is taken; .*\n$/);
    await taken.stop();
  });
});
