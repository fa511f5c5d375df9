/** What Pub/Sub's clients rely on, asked of our emulator and of Google's own fake of the service. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PubSub, type Subscription, type Topic, type v1 } from "@google-cloud/pubsub";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { patience } from "../patience.ts";
import { pstestIsWanted, startPstest } from "../pstest/start-pstest.ts";
import { first, listen, range, status, subscriberClient } from "./pubsub-client.ts";

interface Service {
  address: string;
  stop(): Promise<void>;
}

const ours = { name: "our emulator", start: (): Promise<Service> => startPubSubEmulator({ port: 0 }) };
const googles = { name: "Google's pstest", start: (): Promise<Service> => startPstest() };
const services = (await pstestIsWanted()) ? [ours, googles] : [ours];

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

  test.each([
    'attributes.review != "none"',
    'attributes.review = "flagged" OR attributes.review = "sampled" OR attributes.review = "context"',
    '(attributes.review = "flagged" OR attributes.review = "sampled" OR attributes.review = "context") AND attributes:verdict',
  ])("the verdicts that people look at are selected by %s", async (filter) => {
    const { topic, subscription } = await create({ filter });
    for (const review of ["none", "flagged", "context", "none", "sampled", "none"])
      await topic.publishMessage({ data: Buffer.from(review), attributes: { review, verdict: "clean" } });
    const received = await pull(subscription, 3);
    expect(received.map(({ text }) => text).sort()).toEqual(["context", "flagged", "sampled"]);
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
    for (const _ of range(5)) stream.write({});
    await vi.waitFor(() => expect(responses.length).toBeGreaterThanOrEqual(5), patience);
    stream.cancel();
  });
});
