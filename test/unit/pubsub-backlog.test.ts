import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Backlog, createBacklog, type DeliveryPolicy } from "../../src/local/pubsub-emulator/backlog.ts";
import type { LeasedMessage } from "../../src/local/pubsub-emulator/received-message.ts";
import type { Consumer } from "../../src/local/pubsub-emulator/seat.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const leaseMs = 10_000;

const plain: DeliveryPolicy = { ordered: false, retentionMs: 3_600_000, backoff: undefined, deadLetter: undefined };

function open(policy: Partial<DeliveryPolicy> = {}, forward: () => boolean = () => true): Backlog {
  return createBacklog({ policy: () => ({ ...plain, ...policy }), forward });
}

function publish(backlog: Backlog, text: string, orderingKey = ""): void {
  backlog.add({ id: text, orderingKey, publishedAtMs: Date.now(), encoded: Buffer.from(text) });
}

function subscribe(backlog: Backlog, options: Partial<Consumer> = {}) {
  const received: LeasedMessage[] = [];
  const attachment = backlog.attach({
    ackDeadlineMs: leaseMs,
    maxMessages: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    accepts: () => true,
    deliver: (messages) => void received.push(...messages),
    ...options,
  });
  return { received, attachment, texts: () => received.map(({ encoded }) => String(encoded)) };
}

const pass = (ms: number) => vi.advanceTimersByTime(ms);

test("a lease that nobody extends ends once its time is over, not before", () => {
  const backlog = open();
  publish(backlog, "m");
  const { received } = subscribe(backlog);
  pass(leaseMs);
  expect(received).toHaveLength(1);
  pass(100);
  expect(received).toHaveLength(2);
});

test("an extended lease ends by its last extension", () => {
  const backlog = open();
  publish(backlog, "m");
  const { received } = subscribe(backlog);
  pass(9_000);
  backlog.modifyDeadlines([{ ackId: received[0]?.ackId ?? "", ms: leaseMs }]);
  pass(9_900);
  expect(received).toHaveLength(1);
  pass(200);
  expect(received).toHaveLength(2);
});

test("an ack that comes after the lease ended counts while nobody else has the message", () => {
  const backlog = open();
  publish(backlog, "m");
  const { received, attachment } = subscribe(backlog);
  pass(1);
  attachment.detach();
  pass(leaseMs + 100);
  backlog.acknowledge([received[0]?.ackId ?? ""]);
  expect(backlog.size()).toEqual({ messages: 0, bytes: 0 });
  const next = subscribe(backlog);
  pass(1);
  expect(next.received).toEqual([]);
});

test("the back-off doubles with each failure up to its maximum", () => {
  const backlog = open({ backoff: { minMs: 1_000, maxMs: 3_000 } });
  publish(backlog, "m");
  const { received } = subscribe(backlog);
  pass(1);
  for (const waitMs of [1_000, 2_000, 3_000, 3_000]) {
    const before = received.length;
    backlog.modifyDeadlines([{ ackId: received.at(-1)?.ackId ?? "", ms: 0 }]);
    pass(waitMs - 1);
    expect(received).toHaveLength(before);
    pass(100);
    expect(received).toHaveLength(before + 1);
  }
});

test("a key waits while one of its messages backs off, other keys go on", () => {
  const backlog = open({ ordered: true, backoff: { minMs: 1_000, maxMs: 1_000 } });
  const { received, texts } = subscribe(backlog);
  publish(backlog, "a1", "a");
  publish(backlog, "a2", "a");
  pass(1);
  backlog.modifyDeadlines([{ ackId: received[0]?.ackId ?? "", ms: 0 }]);
  publish(backlog, "a3", "a");
  publish(backlog, "b1", "b");
  pass(500);
  expect(texts()).toEqual(["a1", "a2", "b1"]);
  pass(600);
  expect(texts()).toEqual(["a1", "a2", "b1", "a1", "a2", "a3"]);
});

test("a nacked message of a key, and those sent after it, come before what still waits", () => {
  const backlog = open({ ordered: true });
  for (const text of ["0", "1", "2", "3", "4"]) publish(backlog, text, "key");
  const { received, texts } = subscribe(backlog, { maxMessages: 3 });
  pass(1);
  backlog.modifyDeadlines([{ ackId: received[1]?.ackId ?? "", ms: 0 }]);
  pass(1);
  backlog.acknowledge(received.map(({ ackId }) => ackId));
  pass(1);
  expect(texts()).toEqual(["0", "1", "2", "1", "2", "3", "4"]);
});

test("a key stays with one subscriber while it holds any of its messages, then may go to another", () => {
  const backlog = open({ ordered: true });
  const [one, other] = [subscribe(backlog, { maxMessages: 1 }), subscribe(backlog)];
  publish(backlog, "first", "key");
  pass(1);
  for (const text of ["second", "third"]) publish(backlog, text, "key");
  pass(1);
  expect([one.texts(), other.texts()]).toEqual([["first"], []]);
  one.attachment.detach();
  backlog.acknowledge(one.received.map(({ ackId }) => ackId));
  pass(1);
  expect(other.texts()).toEqual(["second", "third"]);
});

test("a message that cannot be dead-lettered is delivered on", () => {
  const backlog = open({ deadLetter: { maxAttempts: 2 } }, () => false);
  publish(backlog, "m");
  const { received } = subscribe(backlog);
  for (const _ of Array(4)) {
    pass(1);
    backlog.modifyDeadlines([{ ackId: received.at(-1)?.ackId ?? "", ms: 0 }]);
  }
  pass(1);
  expect(received.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3, 4, 5]);
});

test("messages older than the retention are dropped, with an ordering key too", () => {
  const backlog = open({ ordered: true, retentionMs: 60_000 });
  publish(backlog, "old");
  publish(backlog, "old of a key", "key");
  pass(61_000);
  publish(backlog, "new", "key");
  const { texts } = subscribe(backlog);
  pass(1);
  expect(texts()).toEqual(["new"]);
  expect(backlog.size().messages).toBe(1);
});

test("a message that is nacked at once each time does not keep others from a subscriber of one", () => {
  const backlog = open();
  for (const text of ["poison", "a", "b", "c"]) publish(backlog, text);
  const done: string[] = [];
  const { received } = subscribe(backlog, { maxMessages: 1 });
  while (done.length < 3 && received.length < 50) {
    pass(1);
    const { ackId = "", encoded } = received.at(-1) ?? {};
    if (String(encoded) === "poison") backlog.modifyDeadlines([{ ackId, ms: 0 }]);
    else {
      backlog.acknowledge([ackId]);
      done.push(String(encoded));
    }
  }
  expect(done).toEqual(["a", "b", "c"]);
});

test("a subscriber whose connection is full is sent nothing until it has drained", () => {
  const backlog = open();
  let accepting = false;
  const { received, attachment } = subscribe(backlog, { accepts: () => accepting });
  publish(backlog, "m");
  pass(100);
  expect(received).toEqual([]);
  accepting = true;
  attachment.serve();
  expect(received).toHaveLength(1);
});

test("a large backlog is sent in responses of about a megabyte", () => {
  const backlog = open();
  for (const _ of Array(64)) publish(backlog, "x".repeat(100_000));
  const bytes: number[] = [];
  subscribe(backlog, {
    deliver: (messages) => void bytes.push(messages.reduce((sum, { encoded }) => sum + encoded.length, 0)),
  });
  pass(100);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(6_400_000);
  expect(Math.max(...bytes)).toBeLessThan(2 ** 20 + 100_001);
});

const subscribers = 3;
const commands = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), key: fc.constantFrom("", "a", "b") }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("ack" as const), pick: fc.nat(99) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("nack" as const), pick: fc.nat(99) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("extend" as const), pick: fc.nat(99) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), index: fc.nat(subscribers - 1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1, 700, 11_000) }) },
  ),
  { maxLength: 80 },
);

test.each([
  ["without order", {}],
  ["in order", { ordered: true }],
  ["in order with back-off", { ordered: true, backoff: { minMs: 500, maxMs: 2_000 } }],
])(
  "%s, whatever subscribers do: limits hold, keys keep their order, and every message is acked in the end",
  (_, policy) => {
    fc.assert(
      fc.property(commands, (script) => {
        const backlog = open(policy);
        const published: Record<string, string[]> = { "": [], a: [], b: [] };
        const delivered: Record<string, string[]> = { "": [], a: [], b: [] };
        const join = () => {
          const subscriber = subscribe(backlog, {
            maxMessages: 3,
            deliver: (messages) => {
              subscriber.received.push(...messages);
              expect(messages.length).toBeLessThanOrEqual(3);
              for (const { encoded } of messages) {
                const text = String(encoded);
                delivered[text.split("-")[0] ?? ""]?.push(text);
              }
            },
          });
          return subscriber;
        };
        const streams = Array.from({ length: subscribers }, join);
        const all = () => streams.flatMap(({ received }) => received);
        for (const command of script) {
          if (command.do === "publish") {
            const texts = published[command.key] ?? [];
            texts.push(`${command.key}-${texts.length}`);
            publish(backlog, texts.at(-1) ?? "", command.key);
          } else if (command.do === "pass") pass(command.ms);
          else if (command.do === "replace") {
            streams[command.index]?.attachment.detach();
            streams[command.index] = join();
          } else {
            const ackId = all().at(-1 - command.pick)?.ackId;
            if (ackId === undefined) continue;
            if (command.do === "ack") backlog.acknowledge([ackId]);
            else backlog.modifyDeadlines([{ ackId, ms: command.do === "nack" ? 0 : leaseMs }]);
          }
        }
        if ("ordered" in policy) {
          for (const key of ["a", "b"]) expectOrder(delivered[key] ?? []);
        }
        for (let round = 0; backlog.size().messages > 0 && round < 500; round += 1) {
          pass(500);
          backlog.acknowledge(all().map(({ ackId }) => ackId));
        }
        expect(backlog.size()).toEqual({ messages: 0, bytes: 0 });
        for (const key of Object.keys(published)) expect(new Set(delivered[key])).toEqual(new Set(published[key]));
        backlog.stop();
      }),
      { numRuns: 300 },
    );
  },
);

/** Each delivery of a key is the one after the last, or goes back to an earlier one. */
function expectOrder(texts: string[]): void {
  const numbers = texts.map((text) => Number(text.split("-")[1]));
  numbers.forEach((number, index) => {
    expect(number).toBeLessThanOrEqual((numbers[index - 1] ?? -1) + 1);
  });
}
