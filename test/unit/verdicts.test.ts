import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Concluded, Rejection, Scored } from "../../src/capture/item.ts";
import { reasonCodes } from "../../src/capture/reasons.ts";
import { Verdict } from "../../src/capture/verdict.ts";
import { Policy } from "../../src/policy/policy.ts";
import { decide } from "../../src/workers/postprocess/decide.ts";
import { attributesOf } from "../../src/workers/postprocess/verdict-publisher.ts";
import { inFlight, receivedAtMs } from "../items.ts";

const policy = Policy.parse({
  version: "test-1",
  sampleShare: 0.5,
  categories: { nudity: { severity: "high", labels: [{ model: "m", label: "nude", threshold: 0.7 }] } },
});
const nowMs = receivedAtMs + 400;

const concluded = (result: Scored | Rejection, captureId = "c-1"): Concluded => ({ ...inFlight(captureId), result });
const scored = (nude: number): Scored => ({ kind: "scored", scores: [{ model: "m", version: "3", scores: { nude } }] });
const rejected: Rejection = { kind: "rejected", verdict: "unprocessable", reason: "not-found", detail: "404" };
const decided = (item: Concluded, changes: Partial<Policy> = {}) => decide(item, { ...policy, ...changes }, nowMs);

describe("the verdict on a capture", () => {
  test("is flagged when the policy finds something, and says all there is to know", () => {
    const item = concluded(scored(0.9));
    expect(decided(item)).toEqual({
      schemaVersion: 1,
      ...item.capture,
      verdict: "flagged",
      reason: null,
      detail: null,
      findings: [
        {
          category: "nudity",
          severity: "high",
          rule: "single-frame",
          model: "m",
          label: "nude",
          score: 0.9,
          threshold: 0.7,
        },
      ],
      scores: [{ model: "m", version: "3", scores: { nude: 0.9 } }],
      policyVersion: "test-1",
      review: "flagged",
      evidence: null,
      thumbnail: null,
      width: null,
      height: null,
      times: { receivedAtMs },
      decidedAtMs: nowMs,
    });
  });

  test("is clean when the policy finds nothing, and sampled for review by chance", () => {
    expect(decided(concluded(scored(0.69)), { sampleShare: 0 })).toMatchObject({
      verdict: "clean",
      review: "none",
      findings: [],
    });
    expect(decided(concluded(scored(0.69)), { sampleShare: 1 })).toMatchObject({ verdict: "clean", review: "sampled" });
  });

  test("keeps the reason of a capture that was rejected, and no person needs to look at it", () => {
    expect(decided(concluded(rejected), { sampleShare: 1 })).toMatchObject({
      verdict: "unprocessable",
      reason: "not-found",
      detail: "404",
      review: "none",
      findings: [],
      scores: [],
    });
  });

  test("of a message that was no capture has nulls for what is not known", () => {
    const item: Concluded = {
      ...concluded({ ...rejected, reason: "invalid-capture" }),
      capture: { captureId: "invalid-7" },
    };
    expect(decided(item)).toMatchObject({
      captureId: "invalid-7",
      streamId: null,
      capturedAt: null,
      imageUri: null,
      attributes: {},
    });
  });

  test("is the same, apart from its time, when a capture is decided twice", () => {
    const anyResult = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }).map(scored),
      fc.constantFrom(...reasonCodes).map((reason): Rejection => ({ ...rejected, reason })),
    );
    fc.assert(
      fc.property(anyResult, fc.string({ minLength: 1 }), (result, captureId) => {
        const [first, second] = [nowMs, nowMs + 9_000].map((atMs) =>
          decide(concluded(result, captureId), policy, atMs),
        );
        expect({ ...second, decidedAtMs: nowMs }).toEqual(first);
        expect(Verdict.parse(JSON.parse(JSON.stringify(first)))).toEqual(first);
      }),
    );
  });
});

describe("the attributes of a verdict", () => {
  test("are what subscribers filter by", () => {
    expect(attributesOf(decided(concluded(scored(0.9))), "00-trace")).toEqual({
      verdict: "flagged",
      captureId: "c-1",
      streamId: "stream-1",
      category: "nudity",
      severity: "high",
      review: "flagged",
      traceparent: "00-trace",
    });
  });

  test("name the worst category of several", () => {
    const two = Policy.parse({
      version: "1",
      categories: {
        mild: { severity: "low", labels: [{ model: "m", label: "nude", threshold: 0.1 }] },
        grave: { severity: "severe", labels: [{ model: "m", label: "nude", threshold: 0.2 }] },
      },
    });
    expect(attributesOf(decide(concluded(scored(0.9)), two, nowMs))).toMatchObject({
      category: "grave",
      severity: "severe",
    });
  });

  test("are absent for what is not known, never empty", () => {
    const item: Concluded = { ...concluded(rejected), capture: { captureId: "invalid-7" } };
    expect(attributesOf(decided(item))).toEqual({ verdict: "unprocessable", captureId: "invalid-7", review: "none" });
  });
});
