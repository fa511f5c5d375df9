import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Concluded, InFlight } from "../../src/capture/item.ts";
import { readMessage } from "../../src/producer/ingress/read-message.ts";
import { receivedAtMs } from "../items.ts";

const options = { ingressId: "ingress-1", deadlineMs: 60_000, nowMs: receivedAtMs };
const capture = {
  captureId: "c-1",
  streamId: "s-1",
  capturedAt: "2026-03-01T11:59:58Z",
  imageUri: "https://pictures.example/1.jpg",
};

const message = (
  data: Buffer | string,
  facts: { attributes?: Record<string, string>; publishedAtMs?: number } = {},
) => ({
  id: "4711",
  data: Buffer.from(data),
  attributes: facts.attributes ?? {},
  publishTime: new Date(facts.publishedAtMs ?? receivedAtMs - 1_000),
});
const read = (body: unknown, facts?: Parameters<typeof message>[1]) =>
  readMessage(message(JSON.stringify(body), facts), options);

describe("a message that is a capture", () => {
  test("is in flight from the moment it was received", () => {
    expect(read(capture)).toEqual({
      kind: "capture",
      item: {
        capture: { schemaVersion: 1, attributes: {}, ...capture },
        ingressId: "ingress-1",
        attempt: 0,
        traceparent: undefined,
        times: { receivedAtMs },
        deadlineAtMs: Date.parse(capture.capturedAt) + 60_000,
      },
    });
  });

  test("has a deadline that a publisher's fast clock cannot put off", () => {
    const ahead = { ...capture, capturedAt: "2027-01-01T00:00:00Z" };
    expect(read(ahead).item.deadlineAtMs).toBe(receivedAtMs - 1_000 + 60_000);
  });

  test("counts its deadline from now when the publication has no time", () => {
    const ahead = { ...capture, capturedAt: "2027-01-01T00:00:00Z" };
    expect(read(ahead, { publishedAtMs: 0 }).item.deadlineAtMs).toBe(receivedAtMs + 60_000);
  });

  test("carries its publisher's trace, and nothing that is no trace", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(read(capture, { attributes: { traceparent } }).item.traceparent).toBe(traceparent);
    expect(read(capture, { attributes: { traceparent: "yes" } }).item.traceparent).toBeUndefined();
  });

  test("may have facts that we do not know; they are dropped", () => {
    const { item } = read({ ...capture, resolution: "4k" });
    expect(item.capture).not.toHaveProperty("resolution");
  });
});

describe("a message that is no capture", () => {
  test.each([
    ["no JSON", "{", /no JSON/],
    ["nothing at all", "", /the message of 0 bytes is no JSON/],
    ["no object", "[]", /the message: .*expected object/],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), /no JSON in UTF-8/],
    ["a capture without an id", JSON.stringify({ ...capture, captureId: undefined }), /captureId: /],
    ["a capture with an empty id", JSON.stringify({ ...capture, captureId: "" }), /captureId: /],
    ["a capture whose id is no text", JSON.stringify({ ...capture, captureId: "\ud800" }), /captureId: .*Unicode/],
    [
      "a capture with a time without zone",
      JSON.stringify({ ...capture, capturedAt: "2026-03-01T12:00:00" }),
      /capturedAt: /,
    ],
    [
      "a capture with a path for a URI",
      JSON.stringify({ ...capture, imageUri: "/tmp/1.jpg" }),
      /imageUri: must be a URI/,
    ],
    ["a capture of another version", JSON.stringify({ ...capture, schemaVersion: 2 }), /schemaVersion: /],
    [
      "a capture with too many attributes",
      JSON.stringify({ ...capture, attributes: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, "x"])) }),
      /attributes: at most 64/,
    ],
  ])("%s goes to the one exit with words that say what is wrong", (_, data, words) => {
    const { kind, item } = readMessage(message(data), options);
    expect(kind).toBe("invalid");
    expect(item).toMatchObject({
      capture: { captureId: "invalid-4711" },
      result: {
        kind: "rejected",
        verdict: "unprocessable",
        reason: "invalid-capture",
        detail: expect.stringMatching(words),
      },
    });
  });

  test("gets words of at most 300 characters, however much is wrong", () => {
    const attributes = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`key${index}`, 1]));
    const { item } = read({ attributes });
    expect("result" in item && item.result.kind === "rejected" && item.result.detail?.length).toBe(300);
  });
});

describe("any message", () => {
  const check = (reading: ReturnType<typeof readMessage>) => {
    const schema = reading.kind === "capture" ? InFlight : Concluded;
    // What the queue gives back after JSON is what the next stage's schema takes.
    const { success, error } = schema.safeParse(JSON.parse(JSON.stringify(reading.item)));
    expect(success, error?.message).toBe(true);
    expect(Number.isFinite(reading.item.deadlineAtMs)).toBe(true);
    expect(reading.item.deadlineAtMs).toBeLessThanOrEqual(receivedAtMs + options.deadlineMs);
  };

  test("of whatever bytes becomes an item that the stages take", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => check(readMessage(message(Buffer.from(bytes)), options))));
  });

  test("of whatever JSON becomes an item that the stages take", () => {
    const nearly = fc.record(
      {
        captureId: fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.jsonValue()),
        streamId: fc.oneof(fc.string({ minLength: 1 }), fc.jsonValue()),
        capturedAt: fc.oneof(
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
          fc.constant("2026-03-01T12:00:00.123456789+23:59"),
          fc.jsonValue(),
        ),
        imageUri: fc.oneof(fc.webUrl(), fc.jsonValue()),
        attributes: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(nearly, fc.jsonValue()), (body) => check(read(body))),
      { numRuns: 500 },
    );
  });
});
