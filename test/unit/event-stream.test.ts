import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEventStream } from "../../src/review/events/event-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const opened = (mayGoOn: () => Promise<boolean>) => {
  const output = new PassThrough();
  const stream = createEventStream(output, mayGoOn);
  return { stream, text: () => String(output.read() ?? ""), output };
};
const event = { id: "log-7", event: { type: "reset" }, onlyFor: null } as const;

test("an event is its id, its type and its JSON in one line", () => {
  const { stream, text } = opened(async () => true);
  stream.begin("log-6");
  stream.send(event);
  expect(text()).toBe('retry: 1000\nid: log-6\n\nid: log-7\nevent: reset\ndata: {"type":"reset"}\n\n');
});

test("a comment every 15 s keeps a quiet connection", async () => {
  const { text } = opened(async () => true);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(text()).toBe(": still here\n\n".repeat(2));
});

test("a reader whose session has ended meanwhile is let go", async () => {
  const { output } = opened(async () => false);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(output.writableEnded).toBe(true);
});

test("a reader stays while nobody can say whether the session has ended", async () => {
  const { output, text } = opened(() => Promise.reject(new Error("the database is away")));
  await vi.advanceTimersByTimeAsync(15_000);
  expect([output.writableEnded, text()]).toEqual([false, ": still here\n\n"]);
});

test("a burst that a reader takes in time lets nobody go; one that lies for seconds does", async () => {
  const { stream, output, text } = opened(async () => true);
  const large = { ...event, id: "x".repeat(3 << 20) };
  stream.send(large);
  stream.send(event);
  while (text() !== "") await vi.advanceTimersByTimeAsync(0);
  await vi.advanceTimersByTimeAsync(6_000);
  stream.send(event);
  expect(output.destroyed).toBe(false);

  stream.send(large);
  await vi.advanceTimersByTimeAsync(6_000);
  stream.send(event);
  expect(output.destroyed).toBe(true);
});
