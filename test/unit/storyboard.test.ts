import fc from "fast-check";
import { expect, test } from "vitest";
import { shotOf } from "../../src/local/sample-streams/storyboard.ts";

test("a flagged scene comes at once and then again and again, and most streams are clean at any time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 40 }), fc.integer({ min: 0, max: 10_000 }), (streams, start) => {
      const flaggedAt = (seconds: number) =>
        Array.from({ length: streams }, (_, stream) => shotOf(stream, streams, seconds)).filter(
          ({ scene }) => scene === "skin",
        ).length;
      expect(flaggedAt(1)).toBeGreaterThan(0);
      expect(flaggedAt(start)).toBeLessThan(streams / 2);
      const soon = Array.from({ length: Math.ceil(160 / streams) + 1 }, (_, second) => flaggedAt(start + second));
      expect(Math.max(...soon)).toBeGreaterThan(0);
    }),
  );
});

test("every stream drifts into a flagged scene and out again, for longer than an incident stays open", () => {
  for (let stream = 0; stream < 8; stream++) {
    const flagged = Array.from({ length: 480 }, (_, second) => shotOf(stream, 8, second).scene === "skin");
    const starts = flagged.flatMap((now, second) => (now && !flagged[second - 1] && second > 0 ? [second] : []));
    expect(starts.length).toBeGreaterThan(1);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(126);
  }
});

test("a stream keeps its camera as it holds it: most are landscape, some portrait", () => {
  const aspects = Array.from({ length: 8 }, (_, stream) =>
    Array.from({ length: 200 }, (_, second) => shotOf(stream, 8, second).aspect),
  );
  for (const shots of aspects) expect(new Set(shots).size).toBe(1);
  expect(aspects.filter(([aspect]) => aspect === "portrait")).toHaveLength(3);
});
