/** What a redrive publishes, and what becomes of the deadline of what it published. */
import { expect, test } from "vitest";
import { Capture } from "../../src/capture/capture.ts";
import { redriven, redriveOf } from "../../src/capture/redrive.ts";
import type { Unprocessable } from "../../src/pipeline/unprocessable.ts";
import { readMessage } from "../../src/producer/ingress/read-message.ts";
import { planRedrive, type RedriveFacts } from "../../src/review/ops/redrive-scope.ts";

const nowMs = Date.parse("2026-03-01T12:00:00Z");

function failure(captureId: string, facts: Partial<Unprocessable> = {}): Unprocessable {
  return {
    id: `id-of-${captureId}`.padEnd(22, "-"),
    captureId,
    streamId: "stream-1",
    capturedAt: new Date(nowMs - 10_000).toISOString(),
    imageUri: `https://pictures.example/${captureId}.jpg`,
    attributes: { title: "A walk" },
    reason: "host-timeout",
    detail: null,
    failedAtMs: nowMs - 5_000,
    picture: null,
    ...facts,
  };
}
const plan = (failures: readonly Unprocessable[], facts: Partial<RedriveFacts> = {}) =>
  planRedrive(failures, {
    scope: { kind: "all" },
    pastDeadline: "skip",
    asOfMs: nowMs,
    redrivenBefore: new Set(),
    deadlineMs: 60_000,
    nowMs,
    ...facts,
  });
const ids = (failures: readonly Unprocessable[], facts?: Partial<RedriveFacts>) =>
  plan(failures, facts).publish.map(({ failure: { captureId } }) => captureId);

test("a redriven capture is a new one that names the old one, the same however often the same failure is redriven", () => {
  const { publish } = plan([failure("a")]);
  const [{ capture } = { capture: null }] = publish;
  expect(capture).toMatchObject({
    captureId: `a~${(nowMs - 5_000).toString(36)}`,
    capturedAt: new Date(nowMs - 10_000).toISOString(),
    attributes: { title: "A walk", [redriveOf]: "a" },
  });
  expect(plan([failure("a")]).publish[0]?.capture).toEqual(capture);
});

test("a redriven capture that fails again and is redriven again still names the first one, by an id that does not grow", () => {
  const first = plan([failure("a")]).publish[0]?.capture;
  if (!first) throw new Error("nothing was redriven");
  const again = redriven(first, nowMs + 1);
  expect(again.captureId).toBe(`a~${(nowMs + 1).toString(36)}`);
  expect(again.attributes[redriveOf]).toBe("a");
  const longest = Capture.parse({ ...first, captureId: "x".repeat(256), attributes: {} });
  expect(Capture.parse(redriven(longest, nowMs)).captureId).not.toBe(longest.captureId);
});

test("the scope is some, all of a reason, or all; never what failed after the preview", () => {
  const all = [failure("a"), failure("b", { reason: "not-found" }), failure("later", { failedAtMs: nowMs + 1 })];
  expect(ids(all)).toEqual(["a", "b"]);
  expect(ids(all, { scope: { kind: "reason", reason: "not-found" } })).toEqual(["b"]);
  expect(ids(all, { scope: { kind: "some", ids: [all[0]?.id ?? "", "unknown"] } })).toEqual(["a"]);
});

test("what is past its deadline is left out, unless it shall go too", () => {
  const all = [failure("fresh"), failure("late", { capturedAt: new Date(nowMs - 60_001).toISOString() })];
  expect(ids(all)).toEqual(["fresh"]);
  expect(plan(all).preview).toMatchObject({ count: 1, pastDeadline: 1 });
  expect(plan(all).preview.words).toBe(
    "1 capture of 1 stream goes through the whole pipeline again, each under a new id. Left out: 1 too late for their deadline.",
  );
  const both = plan(all, { pastDeadline: "redrive" });
  expect(both.preview).toMatchObject({ count: 2, pastDeadline: 1, oldestCapturedAt: all[1]?.capturedAt });
  expect(both.preview.words).toContain("1 of them are past their deadline and get a new one");
});

test("what was redriven before, was no capture, or was too large to be remembered is counted and left out", () => {
  const full = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, "v"]));
  const all = [
    failure("a"),
    failure("again"),
    failure("invalid", { streamId: null, capturedAt: null, imageUri: null }),
    failure("large", { attributes: null }),
    failure("full", { attributes: full }),
  ];
  const { publish, preview } = plan(all, { redrivenBefore: new Set([all[1]?.id ?? ""]) });
  expect(publish.map(({ failure: { captureId } }) => captureId)).toEqual(["a"]);
  expect(preview).toMatchObject({ count: 1, redrivenBefore: 1, cannot: 3, reasons: { "host-timeout": 1 } });
  expect(plan([]).preview).toMatchObject({ count: 0, words: "Nothing would be redriven." });
});

test("the deadline of a redriven capture counts from its publication, that of any other from when it was taken", () => {
  const takenAtMs = nowMs - 3_600_000;
  const capture = Capture.parse({ ...failure("a"), capturedAt: new Date(takenAtMs).toISOString() });
  const read = (sent: Capture) =>
    readMessage(
      { id: "1", data: Buffer.from(JSON.stringify(sent)), attributes: {}, publishTime: new Date(nowMs - 100) } as never,
      { ingressId: "i", deadlineMs: 60_000, nowMs },
    ).item.deadlineAtMs;
  expect(read(capture)).toBe(takenAtMs + 60_000);
  expect(read(redriven(capture, nowMs - 5_000))).toBe(nowMs - 100 + 60_000);
});
