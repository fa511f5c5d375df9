import fc from "fast-check";
import { expect, test } from "vitest";
import { classifyResponse } from "../../src/workers/fetch/classify-response.ts";
import { imageTypeOf } from "../../src/workers/fetch/image-type.ts";
import { retryAfterMs } from "../../src/workers/fetch/retry-after.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const classify = (status: number, headers = {}) => classifyResponse(status, headers, { maxBytes: 1000, nowMs });

test("Retry-After is read as seconds and as a date", () => {
  expect(retryAfterMs("7", nowMs, 60_000)).toBe(7_000);
  expect(retryAfterMs(" 0 ", nowMs, 60_000)).toBe(0);
  expect(retryAfterMs("Sun, 22 Nov 2026 12:00:09 GMT", nowMs, 60_000)).toBe(9_000);
  expect(retryAfterMs("Sunday, 22-Nov-26 12:00:09 GMT", nowMs, 60_000)).toBe(9_000);
});

test("a Retry-After in the past means now, and one far off as long as a host may ask for", () => {
  expect(retryAfterMs("Sun, 22 Nov 2020 12:00:00 GMT", nowMs, 60_000)).toBe(0);
  expect(retryAfterMs("Mon, 23 Nov 2026 12:00:00 GMT", nowMs, 60_000)).toBe(60_000);
  expect(retryAfterMs("86400", nowMs, 60_000)).toBe(60_000);
  expect(retryAfterMs("9".repeat(400), nowMs, 60_000)).toBe(60_000);
});

test("no Retry-After, however odd, gives a time outside of the bounds", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      (header) => {
        const waitMs = retryAfterMs(header, nowMs, 60_000);
        if (waitMs !== undefined) expect(waitMs >= 0 && waitMs <= 60_000).toBe(true);
      },
    ),
  );
  expect(retryAfterMs(undefined, nowMs, 60_000)).toBeUndefined();
  for (const header of ["", "soon", "-5", "1.5", "2026-11-22"])
    expect(retryAfterMs(header, nowMs, 60_000)).toBeUndefined();
});

test.each([
  [404, "reject", "not-found"],
  [410, "reject", "not-found"],
  [401, "reject", "forbidden"],
  [403, "reject", "forbidden"],
  [400, "reject", "bad-response"],
  [402, "reject", "bad-response"],
  [418, "reject", "bad-response"],
  [206, "reject", "bad-response"],
  [300, "reject", "bad-response"],
  [304, "reject", "bad-response"],
  [302, "reject", "bad-response"],
  [204, "reject", "image-empty"],
  [408, "retry", "host-timeout"],
  [429, "retry", "rate-limited"],
  [500, "retry", "host-error"],
  [502, "retry", "host-error"],
  [503, "retry", "host-error"],
  [504, "retry", "host-error"],
])("status %i means %s: %s", (status, kind, reason) => {
  expect(classify(status)).toMatchObject({ kind, reason });
});

test("429 and 503 wait as long as their host asks", () => {
  expect(classify(429, { "retry-after": "5" })).toMatchObject({ kind: "retry", afterMs: 5_000 });
  expect(classify(503, { "retry-after": "3600" })).toMatchObject({ kind: "retry", afterMs: 60_000 });
});

test("every redirect status with a location is one", () => {
  for (const status of [301, 302, 303, 307, 308])
    expect(classify(status, { location: "/there" })).toEqual({ kind: "redirect", location: "/there" });
});

test("headers alone refuse pages, compressed bodies, and those that promise too much or nothing", () => {
  expect(classify(200, { "content-type": "Text/HTML; charset=utf-8" })).toMatchObject({ reason: "wrong-type" });
  expect(classify(200, { "content-encoding": "gzip" })).toMatchObject({ reason: "wrong-type" });
  expect(classify(200, { "content-length": "1001" })).toMatchObject({ reason: "image-too-large" });
  expect(classify(200, { "content-length": "0" })).toMatchObject({ reason: "image-empty" });
});

test("other headers are not believed: the body's bytes decide", () => {
  for (const headers of [{}, { "content-type": "text/plain" }, { "content-encoding": "identity" }])
    expect(classify(200, headers)).toEqual({ kind: "body", length: undefined });
  expect(classify(200, { "content-length": "1000" })).toEqual({ kind: "body", length: 1000 });
  expect(classify(200, { "content-length": "many" })).toEqual({ kind: "body", length: undefined });
});

test.each([
  ["image/jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF"],
  ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
  ["image/webp", "RIFF\x10\0\0\0WEBPVP8 "],
  ["image/gif", "GIF89a\x01\0\x01\0"],
  ["image/gif", "GIF87a\x01\0\x01\0"],
  ["image/avif", "\0\0\0\x1cftypavif\0\0\0\0"],
  ["image/heic", "\0\0\0\x18ftypheic\0\0\0\0"],
  ["image/jxl", "\0\0\0\x0cJXL \r\n\x87\n"],
  ["image/tiff", "II*\0\x08\0\0\0"],
  ["image/bmp", "BM\x36\x10\0\0\0\0\0\0\x36\0"],
])("the first bytes of %s tell it", (type, head) => {
  expect(imageTypeOf(Buffer.from(head, "latin1"))).toBe(type);
});

test.each([
  "",
  "\xff\xd8",
  "<html>",
  "<svg xmlns=",
  "%PDF-1.7",
  "PK\x03\x04",
  "\0\0\0\x18ftypisom",
  "RIFF\0\0\0\0AVI ",
  "BMW",
])("%j is no image's beginning", (head) => {
  expect(imageTypeOf(Buffer.from(head, "latin1"))).toBeUndefined();
});
