import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concernsStream, evaluate } from "../../src/policy/evaluate.ts";
import { PolicyError, parsePolicy } from "../../src/policy/load-policy.ts";
import { Policy, SustainedRule } from "../../src/policy/policy.ts";
import { type StreamFrame, sustainedBy } from "../../src/policy/sustained.ts";

const labels = [
  { model: "m", label: "nude", threshold: 0.8 },
  { model: "m", label: "drawn", threshold: 0.9 },
];
const rule = SustainedRule.parse({ atLeast: 3, ofLast: 5, withinMs: 10_000, threshold: 0.6 });
const scored = (nude: number, drawn = 0) => [{ model: "m", version: "1", scores: { nude, drawn } }];
const frame = (takenAtMs: number, nude: number): StreamFrame => ({
  captureId: `c-${takenAtMs}`,
  takenAtMs,
  scores: scored(nude),
});
/** Captures a second apart, by their scores; the rule as it holds for the last. */
const ofScores = (...scores: number[]) => {
  const frames = scores.map((score, index) => frame(index * 1_000, score));
  return sustainedBy(rule, labels, frames.at(-1)?.captureId ?? "", frames);
};

describe("a sustained rule", () => {
  test("holds when enough of the last captures reach the threshold, and says how many of how many", () => {
    expect(ofScores(0.7, 0.1, 0.6, 0.1, 0.65)).toEqual({ over: 3, of: 5, spanMs: 4_000 });
    expect(ofScores(0.7, 0.1, 0.59, 0.1, 0.65)).toBeUndefined();
  });

  test("does not wait for a stream to have as many captures as it looks at", () => {
    expect(ofScores(0.7, 0.7, 0.7)).toEqual({ over: 3, of: 3, spanMs: 2_000 });
  });

  test("forgets captures beyond the last ones, and those of too long ago", () => {
    expect(ofScores(0.7, 0.7, 0.1, 0.1, 0.1, 0.7)).toBeUndefined();
    const slow = [frame(0, 0.7), frame(5_000, 0.7), frame(10_001, 0.7)];
    expect(sustainedBy(rule, labels, "c-10001", slow)).toBeUndefined();
    expect(sustainedBy(rule, labels, "c-5000", [frame(1, 0.7), ...slow.slice(1)])).toMatchObject({ over: 3 });
  });

  test("never holds for a capture that is below the threshold itself, nor for one that is not remembered", () => {
    expect(ofScores(0.7, 0.7, 0.7, 0.1)).toBeUndefined();
    expect(
      sustainedBy(
        rule,
        labels,
        "unknown",
        [1, 2, 3].map((at) => frame(at, 0.7)),
      ),
    ).toBeUndefined();
  });

  test("holds for a capture that comes late and completes the pattern from the midst of it", () => {
    const frames = [frame(0, 0.7), frame(2_000, 0.7), frame(1_000, 0.7)];
    expect(sustainedBy(rule, labels, "c-1000", frames)).toEqual({ over: 3, of: 3, spanMs: 2_000 });
  });
});

const frames = fc
  .array(fc.record({ gapMs: fc.integer({ min: 0, max: 4_000 }), nude: fc.constantFrom(0.1, 0.6, 0.7) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((list) => {
    let takenAtMs = 0;
    return list.map(({ gapMs, nude }, index) => {
      takenAtMs += gapMs;
      return { captureId: `c-${String(index).padStart(2, "0")}`, takenAtMs, scores: scored(nude) };
    });
  });
const isOver = ({ scores }: StreamFrame) => (scores[0]?.scores.nude ?? 0) >= rule.threshold;
/** The rule in its own words, of a whole stream: some run of successive captures that is short enough has enough. */
const hasPattern = (stream: readonly StreamFrame[]) =>
  stream.some((first, from) =>
    stream.slice(from, from + rule.ofLast).some((last, length) => {
      const run = stream.slice(from, from + length + 1);
      return last.takenAtMs - first.takenAtMs <= rule.withinMs && run.filter(isOver).length >= rule.atLeast;
    }),
  );
const flaggedOf = (arriving: readonly StreamFrame[]) =>
  arriving.filter(({ captureId }, index) => sustainedBy(rule, labels, captureId, arriving.slice(0, index + 1)));

describe("of any stream", () => {
  test("that comes in order, a capture is found exactly when the pattern ends with it", () => {
    fc.assert(
      fc.property(frames, (stream) => {
        expect(flaggedOf(stream).length > 0).toBe(hasPattern(stream));
      }),
    );
  });

  test("no pattern is missed, in whatever order its captures come", () => {
    fc.assert(
      fc.property(
        frames.chain((stream) =>
          fc.tuple(fc.constant(stream), fc.shuffledSubarray(stream, { minLength: stream.length })),
        ),
        ([stream, arriving]) => {
          if (hasPattern(stream)) expect(flaggedOf(arriving).length).toBeGreaterThan(0);
        },
      ),
    );
  });

  test("nothing is found that the captures over the threshold do not make by themselves", () => {
    fc.assert(
      fc.property(
        frames.chain((stream) =>
          fc.tuple(fc.constant(stream), fc.shuffledSubarray(stream, { minLength: stream.length })),
        ),
        ([stream, arriving]) => {
          if (!hasPattern(stream.filter(isOver))) expect(flaggedOf(arriving)).toEqual([]);
        },
      ),
    );
  });
});

describe("a policy with a sustained rule", () => {
  const policy = Policy.parse({ version: "1", categories: { nudity: { severity: "high", labels, sustained: rule } } });
  const three = [frame(0, 0.7), frame(1_000, 0.7), frame(2_000, 0.65)];

  test("finds a category by the rule, with the label and score of the capture itself", () => {
    expect(evaluate(policy, scored(0.65), { captureId: "c-2000", frames: three })).toEqual([
      {
        category: "nudity",
        severity: "high",
        rule: "sustained",
        model: "m",
        label: "nude",
        score: 0.65,
        threshold: 0.6,
        sustained: { over: 3, of: 3, spanMs: 2_000 },
      },
    ]);
  });

  test("finds a category once: a capture over its own threshold needs no pattern", () => {
    const own = [...three, frame(3_000, 0.85)];
    const findings = evaluate(policy, scored(0.85), { captureId: "c-3000", frames: own });
    expect(findings).toMatchObject([{ rule: "single-frame", threshold: 0.8 }]);
    expect(findings[0]).not.toHaveProperty("sustained");
  });

  test("finds nothing of the kind where nothing is remembered", () => {
    expect(evaluate(policy, scored(0.65))).toEqual([]);
    expect(evaluate(policy, scored(0.65), { captureId: "c-2000", frames: [] })).toEqual([]);
  });

  test("asks for a stream's captures only for those that can be part of a pattern, or are findings", () => {
    expect([0.1, 0.59, 0.6, 0.9].map((score) => concernsStream(policy, scored(score)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  const file = (sustained: string) =>
    parsePolicy(
      [
        "version: p-1",
        "categories:",
        "  c:",
        "    severity: high",
        "    labels: [{ model: m, label: l, threshold: 0.8 }]",
        `    sustained: ${sustained}`,
      ].join("\n"),
      "policy.yaml",
    );

  test.each([
    [
      "{ atLeast: 6, ofLast: 5, withinMs: 10000, threshold: 0.5 }",
      "policy.yaml:6: categories.c.sustained.atLeast: must not",
    ],
    ["{ atLeast: 2, ofLast: 21, withinMs: 10000, threshold: 0.5 }", "policy.yaml:6: categories.c.sustained.ofLast: "],
    ["{ atLeast: 1, ofLast: 5, withinMs: 10000, threshold: 0.5 }", "policy.yaml:6: categories.c.sustained.atLeast: "],
    ["{ atLeast: 2, ofLast: 5, withinMs: 600000, threshold: 0.5 }", "policy.yaml:6: categories.c.sustained.withinMs: "],
    [
      "{ atLeast: 2, ofLast: 5, withinMs: 10000, threshold: 0.8 }",
      "policy.yaml:6: categories.c.sustained.threshold: must be below",
    ],
    ["{ atLeast: 2, ofLast: 5, threshold: 0.5 }", "policy.yaml:6: categories.c.sustained.withinMs: "],
    [
      "{ atLeast: 2, ofLast: 5, withinMs: 10000, threshold: 0.5, k: 2 }",
      "policy.yaml:6: categories.c.sustained: unknown field k",
    ],
  ])("%s is refused, naming line and field", (text, words) => {
    expect(() => file(text)).toThrow(words);
    expect(() => file(text)).toThrow(PolicyError);
  });
});
