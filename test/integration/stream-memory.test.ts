/** What several postprocess processes make of streams whose captures come to them in any order. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Concluded } from "../../src/capture/item.ts";
import { Policy, SustainedRule } from "../../src/policy/policy.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { type Judged, judgeBatch } from "../../src/workers/postprocess/judge-batch.ts";
import { createStreamMemory } from "../../src/workers/postprocess/stream-memory.ts";
import { receivedAtMs } from "../items.ts";
import { type RedisService, startRedis } from "../services.ts";

const log = createLogger({ level: "silent", role: "test" });
const context = { signal: new AbortController().signal, log, now: () => receivedAtMs };
const labels = [{ model: "m", label: "nude", threshold: 0.9 }];
/** No stream of these tests has more captures: only time limits what the rule looks at. */
const rule = SustainedRule.parse({ atLeast: 3, ofLast: 20, withinMs: 5_000, threshold: 0.6 });
const policyWith = (sustained: SustainedRule) =>
  Policy.parse({ version: "1", categories: { nudity: { severity: "high", labels, sustained } } });

let service: RedisService;
let connections: Redis[];
beforeAll(async () => {
  service = await startRedis();
  connections = [1, 2, 3].map(() => connectRedis(service.url, { role: "client", log }));
});
afterAll(async () => {
  for (const each of connections) each.disconnect();
  await service.stop();
});

/** As many memories as there are processes, each with a connection of its own. */
const process = (number: number) => {
  const redis = connections[number];
  if (!redis) throw new RangeError(`there is no process ${number}`);
  return createStreamMemory(redis);
};

interface Taken {
  streamId: string;
  captureId: string;
  takenAtMs: number;
  nude: number;
}

function concluded({ streamId, captureId, takenAtMs, nude }: Taken): Concluded {
  return {
    capture: {
      captureId,
      streamId,
      capturedAt: new Date(takenAtMs).toISOString(),
      imageUri: "https://h/1.jpg",
      attributes: {},
    },
    ingressId: "i",
    deadlineAtMs: receivedAtMs + 60_000,
    attempt: 0,
    times: { receivedAtMs },
    result: { kind: "scored", scores: [{ model: "m", version: "1", scores: { nude, other: 0.5 } }] },
  };
}

const judge = (number: number, captures: readonly Taken[], policy = policyWith(rule)) =>
  judgeBatch(captures.map(concluded), policy, process(number), context);

/** A stream of this test alone, a capture a second up to the moment of reception, by their scores. */
function streamOf(...scores: number[]): Taken[] {
  const streamId = randomUUID();
  return scores.map((nude, index) => ({
    streamId,
    captureId: `${streamId}/${index}`,
    takenAtMs: receivedAtMs - (scores.length - index) * 1_000,
    nude,
  }));
}

const reviewsOf = (judged: readonly Judged[]) => judged.map(({ verdict }) => verdict.review);
const one = async (number: number, capture: Taken | undefined) => {
  if (!capture) throw new Error("there is no such capture");
  const [judged] = await judge(number, [capture]);
  if (!judged) throw new Error("nothing was judged");
  return judged;
};

describe("a sustained pattern", () => {
  test("is carried by the capture that completes it, whichever process has it", async () => {
    const [a, b, c] = streamOf(0.7, 0.7, 0.7);
    expect((await one(0, a)).verdict.verdict).toBe("clean");
    expect((await one(1, b)).verdict.verdict).toBe("clean");
    const { verdict } = await one(2, c);
    expect(verdict).toMatchObject({ verdict: "flagged", review: "flagged" });
    expect(verdict.findings).toMatchObject([
      { rule: "sustained", score: 0.7, threshold: 0.6, sustained: { over: 3, of: 3, spanMs: 2_000 } },
    ]);
  });

  test("is carried by a capture that comes late, if that one completes it", async () => {
    const [a, b, c] = streamOf(0.7, 0.7, 0.7);
    await one(0, a);
    await one(1, c);
    expect((await one(2, b)).verdict.findings).toMatchObject([{ rule: "sustained" }]);
  });

  test("within one batch is carried by the capture that completes it, not by those before it", async () => {
    const judged = await judge(0, streamOf(0.7, 0.7, 0.7, 0.1));
    expect(judged.map(({ verdict }) => verdict.verdict)).toEqual(["clean", "clean", "flagged", "clean"]);
  });

  test("of a batch larger than what is remembered is found all the same", async () => {
    const captures = streamOf(0.7, 0.7, 0.7, ...Array.from({ length: 60 }, () => 0.1));
    expect((await judge(0, captures)).map(({ verdict }) => verdict.verdict).indexOf("flagged")).toBe(2);
  });

  test("is not made of one capture that is judged again and again", async () => {
    const [a, b] = streamOf(0.7, 0.7);
    for (const number of [0, 1, 2]) expect((await one(number, a)).verdict.verdict).toBe("clean");
    for (const number of [0, 1, 2]) expect((await one(number, b)).verdict.verdict).toBe("clean");
  });

  test("that was found is found again by a process that does the work again, and by none before", async () => {
    const [a, b, c, d] = streamOf(0.7, 0.7, 0.7, 0.7);
    for (const capture of [a, b, c, d]) await one(0, capture);
    const again = await Promise.all([a, b, c, d].map((capture) => one(1, capture)));
    expect(again.map(({ verdict }) => verdict.verdict)).toEqual(["clean", "clean", "flagged", "flagged"]);
  });
});

/** Streams by their captures: ms since the one before, and score. */
const anyStreams = fc.array(
  fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 3_000 }), nude: fc.constantFrom(0.1, 0.6, 0.8) }), {
    minLength: 1,
    maxLength: 9,
  }),
  { minLength: 1, maxLength: 4 },
);
/** In any order, and for each whether a batch ends with it and which process has that. */
const anyWork = anyStreams.chain((streams) => {
  const run = randomUUID();
  const captures = streams.flatMap((stream, number) => {
    let takenAtMs = receivedAtMs - 60_000;
    return stream.map(({ gapMs, nude }, index): Taken => {
      takenAtMs += gapMs;
      return { streamId: `${number}`, captureId: `${run}-${number}-${index}`, takenAtMs, nude };
    });
  });
  return fc.record({
    captures: fc.constant(captures),
    arriving: fc.shuffledSubarray(captures, { minLength: captures.length }),
    ends: fc.infiniteStream(fc.record({ ends: fc.boolean(), process: fc.nat(2) })),
  });
});
type Work = typeof anyWork extends fc.Arbitrary<infer Value> ? Value : never;

function batchesOf({ arriving, ends }: Work): { process: number; captures: Taken[] }[] {
  const run = randomUUID(); // Each run has streams of its own, also when fast-check shrinks.
  const batches: { process: number; captures: Taken[] }[] = [{ process: 0, captures: [] }];
  for (const capture of arriving) {
    batches.at(-1)?.captures.push({ ...capture, streamId: `${run}/${capture.streamId}` });
    const next = ends.next().value;
    if (next?.ends) batches.push({ process: next.process, captures: [] });
  }
  return batches;
}

const numberOf = (streamId: string | null) => streamId?.split("/").at(-1);
const flaggedStreams = (judged: readonly Judged[]) =>
  new Set(
    judged.filter(({ verdict }) => verdict.verdict === "flagged").map(({ verdict }) => numberOf(verdict.streamId)),
  );
/** The rule in its own words, where only time limits it. */
const patternsOf = (captures: readonly Taken[]) =>
  new Set(
    captures
      .filter((first) => {
        const within = captures.filter(
          ({ streamId, takenAtMs, nude }) =>
            streamId === first.streamId &&
            nude >= rule.threshold &&
            takenAtMs >= first.takenAtMs &&
            takenAtMs <= first.takenAtMs + rule.withinMs,
        );
        return within.length >= rule.atLeast;
      })
      .map(({ streamId }) => streamId),
  );

describe("of any streams, in any order of arrival and any split over processes that work at the same time", () => {
  test("the same ones are flagged: those with the pattern", async () => {
    await fc.assert(
      fc.asyncProperty(anyWork, async (work) => {
        const judged = await Promise.all(batchesOf(work).map(({ process, captures }) => judge(process, captures)));
        expect(flaggedStreams(judged.flat())).toEqual(patternsOf(work.captures));
      }),
      { numRuns: 150 },
    );
  });

  test("just one verdict of each flagged stream is the first, when all its captures are of one minute", async () => {
    await fc.assert(
      fc.asyncProperty(anyWork, async (work) => {
        const judged = await Promise.all(batchesOf(work).map(({ process, captures }) => judge(process, captures)));
        const first = judged.flat().filter(({ before }) => before !== undefined);
        expect(first.map(({ verdict }) => numberOf(verdict.streamId)).toSorted()).toEqual(
          [...patternsOf(work.captures)].toSorted(),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("a stream's flagged capture", () => {
  test("brings along the captures before it, oldest first, once a minute", async () => {
    const captures = streamOf(0.1, 0.2, 0.95, 0.95);
    const [first, second, flagged, next] = captures;
    await one(0, second);
    await one(1, first);
    const { before } = await one(2, flagged);
    expect(before?.map(({ captureId }) => captureId)).toEqual([first?.captureId, second?.captureId]);
    expect(before?.[0]?.scores).toEqual([{ model: "m", version: "1", scores: { nude: 0.1 } }]);
    expect((await one(0, next)).before).toBeUndefined();
    expect((await one(1, flagged)).before, "judged once more").toHaveLength(2);
  });

  test("brings along at most 20", async () => {
    const captures = streamOf(...Array.from({ length: 40 }, () => 0.1), 0.95);
    for (const capture of captures.slice(0, -1)) await judge(0, [capture]);
    const { before } = await one(1, captures.at(-1));
    expect(before?.map(({ captureId }) => captureId)).toEqual(captures.slice(20, 40).map(({ captureId }) => captureId));
  });

  test("is the first again when none was flagged for a minute", async () => {
    const [early, late] = streamOf(0.95, 0.95);
    if (!early || !late) throw new Error("there are no captures");
    expect((await one(0, { ...early, takenAtMs: late.takenAtMs - 60_001 })).before).toBeDefined();
    expect((await one(1, late)).before).toBeDefined();
  });

  test("makes context of the clean captures of the minute around it, whoever has them", async () => {
    const [flagged, ...others] = streamOf(0.95, 0.1, 0.1, 0.1, 0.1);
    const [same, within, before, beyond] = others.map((capture, index) => ({
      ...capture,
      takenAtMs: (flagged?.takenAtMs ?? 0) + ([1_000, 60_000, -30_000, 60_001][index] ?? 0),
    }));
    if (!flagged || !same || !within || !before || !beyond) throw new Error("there are no captures");
    const long = (captures: Taken[]) =>
      judgeBatch(
        captures.map((capture) => ({ ...concluded(capture), times: { receivedAtMs: receivedAtMs + 120_000 } })),
        policyWith(rule),
        process(1),
        context,
      );
    expect(reviewsOf(await long([same, flagged]))).toEqual(["context", "flagged"]);
    expect(reviewsOf(await long([within, before, beyond]))).toEqual(["context", "context", "none"]);
    expect(reviewsOf(await judge(0, streamOf(0.1)))).toEqual(["none"]);
  });

  test("comes before chance: context is context, though it would be sampled too", async () => {
    const policy = { ...policyWith(rule), sampleShare: 1 };
    expect(reviewsOf(await judge(0, streamOf(0.1), policy))).toEqual(["sampled"]);
    expect(reviewsOf(await judge(0, streamOf(0.95, 0.1), policy))).toEqual(["flagged", "context"]);
  });

  test("is found in time though a publisher's clock once ran ahead", async () => {
    const [ahead, ...others] = streamOf(0.95, 0.95, 0.1);
    if (!ahead) throw new Error("there are no captures");
    await one(0, { ...ahead, takenAtMs: receivedAtMs + 3_600_000 });
    expect(reviewsOf(await judge(1, others))).toEqual(["flagged", "context"]);
  });
});

test("a stream whose clock is put back gets context by its new time", async () => {
  const captures = streamOf(0.95, 0.95, 0.1);
  await judge(0, captures.slice(0, 1));
  const [flagged, clean] = captures.slice(1).map((each) => ({ ...each, takenAtMs: each.takenAtMs - 3_600_000 }));
  expect((await one(1, flagged)).before).toEqual([]);
  expect((await one(0, clean)).verdict.review).toBe("context");
});

describe("the memory", () => {
  test("of a stream ends by itself", async () => {
    const captures = streamOf(0.95, 0.1);
    await judge(0, captures);
    const [redis] = connections;
    const keys = (await redis?.keys(`*${captures[0]?.streamId}`)) ?? [];
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(await redis?.pttl(key)).toBeGreaterThan(60_000);
  });

  test("that is lost with Redis takes nothing along but itself", async () => {
    const captures = streamOf(0.7, 0.7, 0.7, 0.95, 0.1);
    await judge(0, captures.slice(0, 2));
    await service.restart();
    expect(reviewsOf(await judge(0, captures.slice(2, 3)))).toEqual(["none"]);
    expect(reviewsOf(await judge(1, captures.slice(3)))).toEqual(["flagged", "context"]);
  });

  test("that cannot be used leaves every capture to be judged by itself", async () => {
    const broken = {
      remember: () => Promise.reject(new Error("OOM command not allowed")),
      markFlagged: () => Promise.reject(new Error("OOM command not allowed")),
    };
    const judged = await judgeBatch(streamOf(0.95, 0.1).map(concluded), policyWith(rule), broken, context);
    expect(judged.map(({ verdict, before }) => [verdict.verdict, verdict.review, before])).toEqual([
      ["flagged", "flagged", undefined],
      ["clean", "none", undefined],
    ]);
  });
});
