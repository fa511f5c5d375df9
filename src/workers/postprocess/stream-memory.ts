/**
 * What the pipeline remembers of each stream for a few minutes, in Redis, three keys per stream:
 *
 *     order     sorted set: the last captures by the order in which they arrived here
 *     captures  hash: what is known of each of them
 *     flagged   hash: the last flagged capture, and the one that began its minute
 *
 * Each call is one script, so that of two processes the later sees all that the earlier wrote. A capture that is
 * remembered twice keeps its place, so that it is judged the second time by what was there the first time.
 * Redis may be lost whole: then there is nothing to remember, and what follows from it is missing from verdicts.
 */
import type { Redis } from "ioredis";
import { z } from "zod";
import { Thumbnail } from "../../capture/item.ts";
import { ModelScores } from "../../capture/scores.ts";
import { maxEarlierCaptures } from "../../capture/verdict.ts";
import { keyPrefix } from "../../pipeline/queues.ts";
import { markScript, rememberScript } from "./stream-scripts.ts";

/** For so long after, and before, a flagged capture its stream's others are context. */
export const contextMs = 60_000;

/** What is shown, the capture itself, and some that overtook it. */
const remembered = maxEarlierCaptures + 4;
const lifetimeMs = 180_000;

const RememberedFacts = z.object({
  capturedAt: z.string(),
  receivedAtMs: z.number(),
  takenAtMs: z.number(),
  scores: z.array(ModelScores),
  thumbnail: Thumbnail.optional(),
});
type RememberedFacts = z.infer<typeof RememberedFacts>;

export interface RememberedCapture extends RememberedFacts {
  captureId: string;
}

export interface CaptureToRemember extends RememberedCapture {
  streamId: string;
  /** Whether the stream's other captures are wanted: they are many bytes, and few captures need them. */
  recall: boolean;
}

export interface Recollection {
  /** The capture itself and those that arrived before it, in no order; empty if they were not asked for. */
  captures: readonly RememberedCapture[];
  /** When the last flagged capture of the stream was taken. */
  flaggedAtMs?: number;
}

export interface StreamMemory {
  /** Adds captures to what is remembered of their streams; gives each one's recollection, in order. */
  remember(captures: readonly CaptureToRemember[]): Promise<Recollection[]>;
  /**
   * Notes that captures were flagged. A capture is the first if none of its stream was flagged in the minute around
   * it, and still is when it is marked again.
   */
  markFlagged(
    captures: readonly Pick<CaptureToRemember, "streamId" | "captureId" | "takenAtMs">[],
  ): Promise<{ first: boolean; flaggedAtMs: number }[]>;
}

export function createStreamMemory(redis: Redis): StreamMemory {
  return {
    async remember(captures) {
      const streams = Map.groupBy(captures, ({ streamId }) => streamId);
      if (streams.size === 0) return [];
      const keys = [...streams.keys()].flatMap((streamId) => keysOf(streamId));
      const facts = [...streams.values()].flatMap((each) => [
        each.length,
        each.some(({ recall }) => recall) ? 1 : 0,
        ...each.flatMap((capture) => [capture.captureId, JSON.stringify(factsOf(capture))]),
      ]);
      const reply = await redis.eval(rememberScript, keys.length, ...keys, remembered, lifetimeMs, ...facts);
      const replies = RememberReply.parse(reply);
      const replyOf = new Map([...streams.keys()].map((streamId, index) => [streamId, replies[index] ?? nothing]));
      return captures.map((capture) => recollectionOf(capture, replyOf.get(capture.streamId) ?? nothing));
    },

    async markFlagged(captures) {
      if (captures.length === 0) return [];
      const keys = captures.map(({ streamId }) => flaggedKey(streamId));
      const facts = captures.flatMap(({ captureId, takenAtMs }) => [captureId, takenAtMs]);
      const reply = await redis.eval(markScript, keys.length, ...keys, contextMs, lifetimeMs, ...facts);
      return MarkReply.parse(reply).map(([first, flaggedAtMs]) => ({ first: first === 1, flaggedAtMs }));
    },
  };
}

const flaggedKey = (streamId: string) => `${keyPrefix}:stream:flagged:${streamId}`;
const keysOf = (streamId: string) => [
  `${keyPrefix}:stream:order:${streamId}`,
  `${keyPrefix}:stream:captures:${streamId}`,
  flaggedKey(streamId),
];

const MarkReply = z.array(z.tuple([z.number(), z.coerce.number()]));
const RememberReply = z.array(z.tuple([z.string(), z.array(z.string())]));
type StreamReply = z.infer<typeof RememberReply>[number];
const nothing: StreamReply = ["", []];

function factsOf({ capturedAt, receivedAtMs, takenAtMs, scores, thumbnail }: RememberedCapture): RememberedFacts {
  return { capturedAt, receivedAtMs, takenAtMs, scores, thumbnail };
}

function recollectionOf({ captureId, recall }: CaptureToRemember, reply: StreamReply): Recollection {
  const [flaggedAtMs, recalled] = reply;
  return {
    captures: recall ? upTo(captureId, recalled) : [],
    flaggedAtMs: flaggedAtMs === "" ? undefined : Number(flaggedAtMs),
  };
}

/** The capture and those that arrived before it, as many as are remembered. What another version wrote is left out. */
function upTo(captureId: string, recalled: readonly string[]): RememberedCapture[] {
  const entries = Array.from({ length: recalled.length / 3 }, (_, index) => {
    const [id = "", arrival, facts = ""] = recalled.slice(index * 3, index * 3 + 3);
    return { id, arrival: Number(arrival), facts };
  });
  const own = entries.find(({ id }) => id === captureId)?.arrival ?? Number.NaN;
  return entries
    .filter(({ arrival }) => arrival <= own && arrival > own - remembered)
    .flatMap(({ id, facts }) => {
      const { success, data } = RememberedFacts.safeParse(JSON.parse(facts));
      return success ? [{ captureId: id, ...data }] : [];
    });
}
