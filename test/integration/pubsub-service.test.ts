/** What Pub/Sub's clients rely on, asked of our emulator and of Google's own fake of the service. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type Message,
  PubSub,
  type Subscription,
  type SubscriptionOptions,
  type Topic,
  v1,
} from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { pstestIsWanted, startPstest } from "../pstest/start-pstest.ts";

process.env.METADATA_SERVER_DETECTION = "none";

interface Service {
  address: string;
  stop(): Promise<void>;
}

const ours = { name: "our emulator", start: (): Promise<Service> => startPubSubEmulator({ port: 0 }) };
const googles = { name: "Google's pstest", start: (): Promise<Service> => startPstest() };
const services = (await pstestIsWanted()) ? [ours, googles] : [ours];

const status = { invalidArgument: 3, notFound: 5, alreadyExists: 6, resourceExhausted: 8, unimplemented: 12 };

describe.each(services)("$name", ({ start }) => {
  let service: Service;
  let client: PubSub;
  let subscriber: v1.SubscriberClient;
  let lastNumber = 0;

  beforeAll(async () => {
    service = await start();
    client = new PubSub({ projectId: "tests", apiEndpoint: service.address });
    subscriber = subscriberClient(service.address);
  });
  afterAll(async () => {
    await Promise.all([client.close(), subscriber.close()]);
    await service.stop();
  });

  async function create(options: Parameters<Topic["createSubscription"]>[1] = {}) {
    lastNumber += 1;
    const number = lastNumber;
    const [topic] = await client.createTopic(`topic-${number}`);
    const [subscription] = await topic.createSubscription(`subscription-${number}`, options);
    return { topic, subscription };
  }

  /** Up to `count` messages, each leased for `leaseSeconds`. */
  async function pull(subscription: Subscription, count: number, leaseSeconds = 60) {
    const received: { ackId: string; text: string; attempt: number }[] = [];
    await vi.waitFor(
      async () => {
        const [{ receivedMessages }] = await subscriber.pull({ subscription: subscription.name, maxMessages: count });
        for (const { ackId, message, deliveryAttempt } of receivedMessages ?? [])
          received.push({ ackId: ackId ?? "", text: String(message?.data), attempt: deliveryAttempt ?? 0 });
        expect(received.length).toBeGreaterThanOrEqual(count);
      },
      { timeout: 20_000, interval: 20 },
    );
    const ackIds = received.map(({ ackId }) => ackId);
    await subscriber.modifyAckDeadline({
      subscription: subscription.name,
      ackIds,
      ackDeadlineSeconds: leaseSeconds,
    });
    return received;
  }

  test("a message arrives with its data, attributes, id and publish time, and once acked does not come again", async () => {
    const { topic, subscription } = await create();
    const sentAtMs = Date.now();
    const id = await topic.publishMessage({ data: Buffer.from("frame \u{1f3a5}"), attributes: { stream: "s1" } });
    const { messages, close } = listen(subscription, (message) => message.ack());
    const message = await first(messages);
    expect(message).toMatchObject({ id, attributes: { stream: "s1" } });
    expect(String(message.data)).toBe("frame \u{1f3a5}");
    expect(Math.abs(message.publishTime.getTime() - sentAtMs)).toBeLessThan(5_000);
    await close();
    await topic.publishMessage({ data: Buffer.from("next") });
    expect(await pull(subscription, 1)).toMatchObject([{ text: "next" }]);
  });

  test("every subscription of a topic gets each message, published after the subscription was made", async () => {
    const { topic, subscription } = await create();
    await topic.publishMessage({ data: Buffer.from("early") });
    const [late] = await topic.createSubscription(`late-${lastNumber}`);
    await topic.publishMessage({ data: Buffer.from("both") });
    expect((await pull(subscription, 2)).map(({ text }) => text).sort()).toEqual(["both", "early"]);
    expect(await pull(late, 1)).toMatchObject([{ text: "both" }]);
  });

  test("a nacked message is delivered again", async () => {
    const { topic, subscription } = await create();
    await topic.publishMessage({ data: Buffer.from("again") });
    let deliveries = 0;
    const { messages, close } = listen(subscription, (message) => {
      deliveries += 1;
      if (deliveries < 3) message.nack();
      else message.ack();
    });
    await vi.waitFor(() => expect(messages).toHaveLength(3), { timeout: 10_000 });
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    await close();
  });

  test("a message whose lease expired is delivered again, and its old ack id acks nothing", async () => {
    const { topic, subscription } = await create();
    await topic.publishMessage({ data: Buffer.from("expired") });
    const [before] = await pull(subscription, 1, 1);
    const [after] = await pull(subscription, 1);
    expect(after).toMatchObject({ text: "expired" });
    expect(after?.ackId).not.toBe(before?.ackId);
    await subscriber.acknowledge({ subscription: subscription.name, ackIds: [before?.ackId ?? ""] });
    await subscriber.modifyAckDeadline({
      subscription: subscription.name,
      ackIds: [after?.ackId ?? ""],
      ackDeadlineSeconds: 0,
    });
    expect(await pull(subscription, 1)).toMatchObject([{ text: "expired" }]);
  });

  test.concurrent("a client that holds a message longer than its lease extends it, and gets it once", async () => {
    const { topic, subscription } = await create();
    await topic.publishMessage({ data: Buffer.from("held") });
    const { messages, close } = listen(subscription, () => undefined, { maxStreams: 1 });
    const message = await first(messages);
    await vi.waitFor(() => expect(Date.now() - message.received).toBeGreaterThan(11_500), { timeout: 15_000 });
    expect(messages).toHaveLength(1);
    message.ack();
    await close();
  });

  test.concurrent("the messages of a killed subscriber go to another one", async () => {
    const { topic, subscription } = await create();
    const ids = await Promise.all(range(20).map((n) => topic.publishMessage({ data: Buffer.from(`${n}`) })));
    const program = fileURLToPath(new URL("hold-messages.ts", import.meta.url));
    const child = spawn(process.execPath, [program, service.address, subscription.name], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const held: string[] = [];
    createInterface(child.stdout).on("line", (id) => held.push(id));
    await vi.waitFor(() => expect(held).toHaveLength(20), { timeout: 20_000 });
    child.kill("SIGKILL");
    await once(child, "exit");
    const { messages, close } = listen(subscription, (message) => message.ack());
    await vi.waitFor(() => expect(messages).toHaveLength(20), { timeout: 20_000 });
    expect(messages.map(({ id }) => id).sort()).toEqual(ids.sort());
    await close();
  });

  test("a subscriber never holds more messages than its flow control allows", async () => {
    const { topic, subscription } = await create();
    await Promise.all(range(25).map((n) => topic.publishMessage({ data: Buffer.from(`${n}`) })));
    let holds = 0;
    let mostHeld = 0;
    const options = { flowControl: { maxMessages: 5, allowExcessMessages: false }, maxStreams: 1 };
    const { messages, close } = listen(
      subscription,
      (message) => {
        holds += 1;
        mostHeld = Math.max(mostHeld, holds);
        setImmediate(() => {
          holds -= 1;
          message.ack();
        });
      },
      options,
    );
    await vi.waitFor(() => expect(new Set(messages.map(({ id }) => id)).size).toBe(25), { timeout: 20_000 });
    expect(mostHeld).toBeLessThanOrEqual(5);
    await close();
  });

  test("messages of one ordering key arrive in order, also after a nack", async () => {
    const { topic, subscription } = await create({ enableMessageOrdering: true });
    const keys = ["red", "green", "blue"];
    topic.setPublishOptions({ messageOrdering: true });
    for (const n of range(8))
      await Promise.all(keys.map((orderingKey) => topic.publishMessage({ data: Buffer.from(`${n}`), orderingKey })));
    let nacked = false;
    const acked: Record<string, string[]> = { red: [], green: [], blue: [] };
    const { close } = listen(subscription, (message) => {
      const text = String(message.data);
      if (message.orderingKey === "green" && text === "3" && !nacked) {
        nacked = true;
        message.nack();
        return;
      }
      const list = acked[message.orderingKey ?? ""];
      if (nacked && text === "3" && message.orderingKey === "green") list?.push("back");
      list?.push(text);
      message.ack();
    });
    const inOrder = range(8).map(String);
    await vi.waitFor(
      () => {
        expect(acked.red).toEqual(inOrder);
        expect(acked.blue).toEqual(inOrder);
        expect(acked.green?.slice(0, 3)).toEqual(inOrder.slice(0, 3));
        expect(acked.green?.slice(acked.green.indexOf("back"))).toEqual(["back", ...inOrder.slice(3)]);
      },
      { timeout: 20_000 },
    );
    await close();
  });

  test.each([
    ['attributes.kind = "flagged"', ["flagged", "both"]],
    ['attributes.kind != "flagged"', ["clean", "none"]],
    ["attributes:stream", ["both"]],
    ["NOT attributes:kind", ["none"]],
    ['hasPrefix(attributes.kind, "fl") AND NOT attributes:stream', ["flagged"]],
    ['(attributes.kind = "clean" OR attributes:"stream") AND attributes:kind', ["clean", "both"]],
  ])("a subscription with the filter %s gets only what it selects", async (filter, selected) => {
    const { topic, subscription } = await create({ filter });
    const all: Record<string, Record<string, string>> = {
      flagged: { kind: "flagged" },
      clean: { kind: "clean" },
      both: { kind: "flagged", stream: "s1" },
      none: {},
    };
    for (const [name, attributes] of Object.entries(all))
      await topic.publishMessage({ data: Buffer.from(name), attributes });
    const received = await pull(subscription, selected.length);
    expect(received.map(({ text }) => text).sort()).toEqual(selected.sort());
    const [rest] = await subscriber.pull({ subscription: subscription.name, maxMessages: 9, returnImmediately: true });
    expect(rest.receivedMessages).toEqual([]);
  });

  test("a filter that cannot be understood is refused", async () => {
    await expect(create({ filter: "attributes.kind = " })).rejects.toMatchObject({ code: status.invalidArgument });
  });

  test("a message nacked too often goes to the dead-letter topic, and its deliveries are counted", async () => {
    const dead = await create();
    const { topic, subscription } = await create({
      deadLetterPolicy: { deadLetterTopic: dead.topic.name, maxDeliveryAttempts: 5 },
    });
    await topic.publishMessage({ data: Buffer.from("poison"), attributes: { stream: "s1" } });
    const { messages, close } = listen(subscription, (message) => message.nack());
    const buried = listen(dead.subscription, (message) => message.ack());
    const message = await first(buried.messages);
    expect(String(message.data)).toBe("poison");
    expect(message.attributes).toMatchObject({ stream: "s1" });
    expect(messages.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3, 4, 5]);
    await Promise.all([close(), buried.close()]);
  });

  test("a dead-letter topic that does not exist is refused", async () => {
    const deadLetterTopic = "projects/tests/topics/nowhere";
    await expect(create({ deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 5 } })).rejects.toMatchObject({
      code: status.notFound,
    });
  });

  test("a topic or subscription that exists cannot be made again", async () => {
    const { topic, subscription } = await create();
    await expect(client.createTopic(topic.name)).rejects.toMatchObject({ code: status.alreadyExists });
    await expect(topic.createSubscription(subscription.name)).rejects.toMatchObject({ code: status.alreadyExists });
  });

  test("topics and subscriptions can be listed and deleted; a deleted topic's subscription keeps its messages", async () => {
    const { topic, subscription } = await create();
    await topic.publishMessage({ data: Buffer.from("kept") });
    expect((await client.getTopics())[0].map(({ name }) => name)).toContain(topic.name);
    expect((await topic.getSubscriptions())[0].map(({ name }) => name)).toEqual([subscription.name]);
    await topic.delete();
    expect(await topic.exists()).toEqual([false]);
    expect(await pull(subscription, 1)).toMatchObject([{ text: "kept" }]);
    await subscription.delete();
    expect((await client.getSubscriptions())[0].map(({ name }) => name)).not.toContain(subscription.name);
  });

  test("an unknown topic or subscription is told apart by NOT_FOUND, in streams too", async () => {
    const topic = client.topic("nowhere");
    await expect(topic.publishMessage({ data: Buffer.from("lost") })).rejects.toMatchObject({ code: status.notFound });
    await expect(topic.createSubscription("of-nowhere")).rejects.toMatchObject({ code: status.notFound });
    await expect(topic.getMetadata()).rejects.toMatchObject({ code: status.notFound });
    const name = "projects/tests/subscriptions/nowhere";
    await expect(subscriber.acknowledge({ subscription: name, ackIds: ["x"] })).rejects.toMatchObject({
      code: status.notFound,
    });
    const subscription = client.subscription(name, { streamingOptions: { maxStreams: 1 } });
    const failed = once(subscription, "error");
    subscription.on("message", () => undefined);
    expect((await failed)[0]).toMatchObject({ code: status.notFound });
    await subscription.close();
  });

  test("an updated subscription keeps its new settings", async () => {
    const { subscription } = await create();
    await subscription.setMetadata({ ackDeadlineSeconds: 42, labels: { team: "safety" } });
    const [metadata] = await subscription.getMetadata();
    expect(metadata).toMatchObject({ ackDeadlineSeconds: 42, labels: { team: "safety" } });
  });

  test("a message of 3 MB arrives whole", async () => {
    const { topic, subscription } = await create();
    const data = Buffer.alloc(3_000_000, "briareus");
    await topic.publishMessage({ data });
    const { messages, close } = listen(subscription, (message) => message.ack());
    expect((await first(messages)).data.equals(data)).toBe(true);
    await close();
  });

  test("2,000 messages over four subscribers reach at least one each", async () => {
    const { topic, subscription } = await create();
    const clients = range(4).map(() => new PubSub({ projectId: "tests", apiEndpoint: service.address }));
    const seen = new Set<string>();
    const listeners = clients.map((each) =>
      listen(
        each.subscription(subscription.name),
        (message) => {
          seen.add(message.id);
          message.ack();
        },
        { maxStreams: 1 },
      ),
    );
    const ids = await Promise.all(range(2000).map((n) => topic.publishMessage({ data: Buffer.from(`${n}`) })));
    expect(new Set(ids).size).toBe(2000);
    await vi.waitFor(() => expect(seen.size).toBe(2000), { timeout: 30_000 });
    expect(ids.every((id) => seen.has(id))).toBe(true);
    await Promise.all(listeners.map(({ close }) => close()));
    await Promise.all(clients.map((each) => each.close()));
  });

  test("a stream answers a keep-alive", async () => {
    const { subscription } = await create();
    const stream = subscriber.streamingPull();
    const responses: object[] = [];
    stream.on("data", (response) => responses.push(response));
    stream.on("error", () => undefined);
    stream.write({ subscription: subscription.name, streamAckDeadlineSeconds: 10, protocolVersion: 1 });
    stream.write({});
    const before = responses.length;
    await vi.waitFor(() => expect(responses.length).toBeGreaterThan(before));
    stream.cancel();
  });
});

describe("our emulator alone, where Google's fake is laxer than the service", () => {
  let service: Service;
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
      await vi.waitFor(() => expect(responses).toBeGreaterThan(before));
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
    const [pulled] = await subscriber.pull({ subscription: one.name, maxMessages: 1 });
    await subscriber.acknowledge({
      subscription: other.name,
      ackIds: [pulled.receivedMessages?.[0]?.ackId ?? ""],
    });
    const [still] = await subscriber.pull({ subscription: other.name, maxMessages: 1 });
    expect(still.receivedMessages).toHaveLength(1);
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
    await vi.waitFor(() => expect(messages).toHaveLength(3));
    await roundTrip();
    expect(messages).toHaveLength(3);
    stream.write({ ackIds: [messages[0]?.ackId] });
    await vi.waitFor(() => expect(messages).toHaveLength(4));
    await roundTrip();
    expect(texts()).toEqual(["0", "1", "2", "3"]);
    stream.cancel();
  });

  test("a stream is sent no more once it holds the bytes that it may", async () => {
    const { name } = await create();
    await publish(range(6).map((n) => String(n).repeat(1000)));
    const { messages, stream, roundTrip } = openStream({ subscription: name, maxOutstandingBytes: 2500 });
    await vi.waitFor(() => expect(messages).toHaveLength(3));
    await roundTrip();
    expect(messages).toHaveLength(3);
    stream.write({ ackIds: messages.map(({ ackId }) => ackId) });
    await vi.waitFor(() => expect(messages).toHaveLength(6));
    stream.cancel();
  });

  test("messages of a key go to one stream, and a nack brings back the later ones, acked or not", async () => {
    const { name } = await create({ enableMessageOrdering: true });
    const streams = [openStream({ subscription: name }), openStream({ subscription: name })];
    await publish(range(5), "key");
    await vi.waitFor(() => expect(streams.flatMap(({ messages }) => messages)).toHaveLength(5));
    const holder = streams.find(({ messages }) => messages.length > 0);
    expect(holder?.texts()).toEqual(["0", "1", "2", "3", "4"]);
    const ackId = (index: number) => holder?.messages[index]?.ackId;
    holder?.stream.write({ ackIds: [ackId(0), ackId(3)] });
    holder?.stream.write({ modifyDeadlineAckIds: [ackId(2)], modifyDeadlineSeconds: [0] });
    await vi.waitFor(() => expect(streams.flatMap(({ messages }) => messages)).toHaveLength(8));
    expect(holder?.texts()).toEqual(["0", "1", "2", "3", "4", "2", "3", "4"]);
    holder?.stream.write({ ackIds: [1, 5, 6, 7].map(ackId) });
    await publish(["next"], "key");
    await vi.waitFor(() => expect(streams.flatMap(({ texts }) => texts())).toContain("next"));
    for (const { stream } of streams) stream.cancel();
  });

  test("a redelivery waits for the back-off of the retry policy", async () => {
    const { name } = await create({ retryPolicy: { minimumBackoff: { seconds: 2 }, maximumBackoff: { seconds: 9 } } });
    await publish(["slow"]);
    const { messages, stream } = openStream({ subscription: name });
    await vi.waitFor(() => expect(messages).toHaveLength(1));
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
    await expect(startPubSubEmulator({ port: Number(service.address.split(":")[1]) })).rejects.toThrow(
      /cannot listen on 127\.0\.0\.1:\d+: the port is taken/,
    );
  });
});

function subscriberClient(address: string): v1.SubscriberClient {
  const [servicePath, port] = address.split(":");
  return new v1.SubscriberClient({
    servicePath,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    projectId: "tests",
  });
}

/** Hands each message of a subscription to `onMessage`, and collects them. */
function listen(
  subscription: Subscription,
  onMessage: (message: Message) => void,
  options: { maxStreams?: number; flowControl?: SubscriptionOptions["flowControl"] } = {},
) {
  const { maxStreams = 2, flowControl } = options;
  const messages: Message[] = [];
  subscription.setOptions({ streamingOptions: { maxStreams }, ...(flowControl ? { flowControl } : {}) });
  subscription.on("error", (error) => {
    throw error;
  });
  subscription.on("message", (message: Message) => {
    messages.push(message);
    onMessage(message);
  });
  return { messages, close: () => subscription.close() };
}

async function first(messages: Message[]): Promise<Message> {
  return await vi.waitFor(
    () => {
      const [message] = messages;
      if (!message) throw new Error("no message arrived");
      return message;
    },
    { timeout: 20_000 },
  );
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
