/** What intake decides without a database: where frames go, what holds of a stream, which text can be stored. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/capture/verdict.ts";
import { Targets } from "../../src/review/contract/admin.ts";
import { type Arrival, arrivalOf } from "../../src/review/intake/arrival.ts";
import { type Draft, placeArrivals } from "../../src/review/intake/place-arrivals.ts";
import { storableId, storableJson, storableText } from "../../src/review/intake/storable.ts";
import { newsOf, unknownStream, withNews } from "../../src/review/streams/stream-facts.ts";
import { clean, flagged } from "../review.ts";

const startMs = Date.parse("2026-03-01T12:00:00Z");
const minute = 60_000;
const policy = { version: "p", sampleShare: 0, categories: {} };

describe("placing frames", () => {
  const placing = { windowMs: 2 * minute, nowMs: startMs + 20 * minute, targets: Targets.parse({}), policy };
  const verdict = fc
    .record({
      stream: fc.constantFrom("a", "b"),
      category: fc.constantFrom("x", "y"),
      severity: fc.constantFrom("low", "severe"),
      seconds: fc.nat({ max: 1_200 }),
      number: fc.nat({ max: 40 }),
      review: fc.constantFrom("flagged", "flagged", "context", "sampled"),
      before: fc.array(fc.nat({ max: 40 }), { maxLength: 3 }),
    })
    .map(({ stream, seconds, number, review, before, ...facts }): Verdict => {
      const [id, takenAtMs] = [`${stream}-${number}`, startMs + seconds * 1_000];
      if (review !== "flagged") return clean(stream, id, review, { takenAtMs });
      const earlier = before.map((each) => ({
        captureId: `${stream}-${each}`,
        capturedAt: new Date(takenAtMs - 1_000).toISOString(),
        scores: [],
        thumbnail: null,
      }));
      return flagged(stream, id, { ...facts, takenAtMs, before: earlier });
    });
  const arrivals = (verdicts: Verdict[]) => verdicts.flatMap((each) => arrivalOf(each, policy) ?? []);

  /** As batches one after the other, each seeing what those before it have stored. */
  function place(batches: Arrival[][]) {
    const stored: Draft[] = [];
    const frames = new Map<string, Draft["frames"][number]["kind"]>();
    let [lastId, known, dropped] = [0, 0, 0];
    for (const batch of batches) {
      const visible = stored.filter(({ kind }) => kind === "flagged");
      const placed = placeArrivals(batch, visible, frames, placing);
      for (const id of placed.superseded) {
        for (const draft of stored)
          draft.frames = draft.frames.filter(({ capture, kind }) => kind !== "before" || capture.captureId !== id);
      }
      for (const draft of placed.drafts.filter(({ id }) => id === undefined)) {
        lastId += 1;
        stored.push(Object.assign(draft, { id: lastId }));
      }
      for (const draft of stored) for (const { capture, kind } of draft.frames) frames.set(capture.captureId, kind);
      known += placed.known;
      dropped += placed.dropped.length;
    }
    return { stored, known, dropped };
  }

  test("loses and doubles none, numbers each incident's frames, and leaves one joinable at most", () => {
    fc.assert(
      fc.property(fc.array(fc.array(verdict, { maxLength: 12 }), { maxLength: 8 }), (batches) => {
        const { stored, known, dropped } = place(batches.map(arrivals));
        const own = stored.flatMap(({ frames }) => frames.filter(({ kind }) => kind !== "before"));
        expect(own.length + known + dropped).toBe(batches.flat().length);

        const ids = stored.flatMap(({ frames }) => frames.map(({ capture }) => capture.captureId));
        expect(new Set(ids).size).toBe(ids.length);
        for (const draft of stored) {
          const numbers = draft.frames.map(({ number }) => number);
          expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
          expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(draft.frameCount);
          const ofKind = draft.frames.filter(({ kind }) => kind === "flagged");
          expect(ofKind).toHaveLength(draft.flaggedCount);
        }
        for (const key of ["a x", "a y", "b x", "b y"]) {
          const siblings = stored.filter(
            (draft) => draft.kind === "flagged" && `${draft.streamId} ${draft.category}` === key,
          );
          const joinable = siblings.filter((draft) => draft.joinable);
          expect(joinable).toHaveLength(Math.min(1, siblings.length));
          const newest = Math.max(...siblings.map(({ lastFlaggedAtMs }) => lastFlaggedAtMs));
          for (const draft of joinable) expect(draft.lastFlaggedAtMs).toBe(newest);
        }
      }),
    );
  });

  test("never leaves a gap longer than the window between flagged frames of one incident", () => {
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 40 }), (verdicts) => {
        for (const { frames } of place([arrivals(verdicts)]).stored) {
          const times = frames
            .filter(({ kind }) => kind === "flagged")
            .map(({ arrival }) => arrival.capturedAtMs)
            .toSorted((a, b) => a - b);
          for (const [index, time] of times.entries()) {
            expect(time - (times[index - 1] ?? time)).toBeLessThanOrEqual(placing.windowMs);
          }
        }
      }),
    );
  });
});

describe("what is known of a stream", () => {
  const news = fc.record({
    atMs: fc.nat({ max: 1_000 }),
    live: fc.boolean(),
    viewers: fc.nat(),
    title: fc.string(),
    streamerId: fc.string(),
    startedAtMs: fc.nat(),
  });

  test("is the same in whatever order and in whatever batches it is told", () => {
    const all = fc.uniqueArray(news, { selector: ({ atMs }) => atMs, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(all, fc.infiniteStream(fc.nat()), (told, random) => {
        const shuffled = told
          .map((each) => ({ each, rank: random.next().value ?? 0 }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ each }) => each);
        const { endedAtMs: _ended, ...atOnce } = withNews(unknownStream(0), told);
        const { endedAtMs: _other, ...oneByOne } = shuffled.reduce(
          (state, each) => withNews(state, [each]),
          unknownStream(0),
        );
        expect(oneByOne).toEqual(atOnce);
      }),
    );
  });

  test("never fails on an attribute, whatever is in it", () => {
    const names = fc.constantFrom("viewers", "title", "streamerId", "streamStartedAt", "live", "__proto__");
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: "binary" })), (attributes) => {
        const state = withNews(unknownStream(0), [newsOf(attributes, 5)]);
        expect(() => new Date(state.startedAtMs ?? 0).toISOString()).not.toThrow();
        expect(state.title ?? "").not.toContain("\0");
        expect(Number.isInteger(state.viewers ?? 0)).toBe(true);
      }),
    );
  });
});

describe("text that Postgres can store", () => {
  const hostile = fc
    .array(fc.constantFrom("\0", "\ud800", "\udc00", "a", "\\u0000", "\u2400", "\ufffd", '"', "\u202e"), {
      maxLength: 6,
    })
    .map((parts) => parts.join(""));

  test("has neither NUL nor half of a surrogate pair, in JSON either", () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const text = storableText(one);
        expect(text.isWellFormed() && !text.includes("\0")).toBe(true);
        const parsed = JSON.parse(storableJson([{ [one]: [other, 1, null] }]));
        expect(parsed).toEqual([{ [text]: [storableText(other), 1, null] }]);
      }),
    );
  });

  test("as an id differs where ids differ, and is the id itself where that can be stored", () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        expect(storableId(one) === storableId(other)).toBe(one === other);
        if (one.isWellFormed() && !one.includes("\0")) expect(storableId(one)).toBe(one);
      }),
    );
  });
});
