import fc from "fast-check";
import { expect, test } from "vitest";
import { shotOf } from "../../src/local/sample-streams/storyboard.ts";

test("some stream is always flagged, and most are not", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 40 }),
      fc.double({ min: 0, max: 10_000, noNaN: true }),
      (streams, seconds) => {
        const shots = Array.from({ length: streams }, (_, stream) => shotOf(stream, streams, seconds));
        const flagged = shots.filter(({ scene }) => scene === "skin").length;
        expect(flagged).toBeGreaterThan(0);
        expect(flagged).toBeLessThan(streams / 2);
      },
    ),
  );
});

test("every stream drifts into a flagged scene and out again", () => {
  for (let stream = 0; stream < 8; stream++) {
    const scenes = Array.from({ length: 48 }, (_, second) => shotOf(stream, 8, second).scene === "skin");
    expect(new Set(scenes)).toEqual(new Set([true, false]));
  }
});

test("a stream keeps its camera as it holds it: most are landscape, some portrait", () => {
  const aspects = Array.from({ length: 8 }, (_, stream) =>
    Array.from({ length: 48 }, (_, second) => shotOf(stream, 8, second).aspect),
  );
  for (const shots of aspects) expect(new Set(shots).size).toBe(1);
  expect(aspects.filter(([aspect]) => aspect === "portrait")).toHaveLength(3);
});
