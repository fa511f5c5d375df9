/**
 * The verdicts on a batch, each in the light of what is remembered of its stream:
 *
 *     remember ► decide ► mark what is flagged ► see what is context
 *
 * Without the memory a capture is judged by itself alone: no verdict waits or fails for want of it.
 */
import type { Concluded } from "../../capture/item.ts";
import { maxEarlierCaptures, type Verdict } from "../../capture/verdict.ts";
import type { StageContext } from "../../pipeline/stage.ts";
import { concernsStream } from "../../policy/evaluate.ts";
import { namedScores } from "../../policy/label-scores.ts";
import type { Policy } from "../../policy/policy.ts";
import { byTime } from "../../policy/sustained.ts";
import { decide } from "./decide.ts";
import {
  type CaptureToRemember,
  contextMs,
  type Recollection,
  type RememberedCapture,
  type StreamMemory,
} from "./stream-memory.ts";

export interface Judged {
  verdict: Verdict;
  /** For the first flagged capture of a stream in a minute: the stream's captures before it, oldest first. */
  before?: readonly RememberedCapture[];
}

interface Judging extends Judged {
  remembered?: CaptureToRemember;
  recollection?: Recollection;
}

export async function judgeBatch(
  items: readonly Concluded[],
  policy: Policy,
  streams: StreamMemory,
  context: StageContext,
): Promise<Judged[]> {
  const toRemember = items.map((item) => captureToRemember(item, policy));
  const known = toRemember.filter((capture) => capture !== undefined);
  const recollections = await orNothing(() => streams.remember(known), context);
  const recollectionOf = new Map(known.map((capture, index) => [capture, recollections[index]]));

  const judging = items.map((item, index): Judging => {
    const remembered = toRemember[index];
    const recollection = remembered && recollectionOf.get(remembered);
    return { verdict: decide(item, policy, context.now(), recollection?.captures), remembered, recollection };
  });

  const flagged = judging.flatMap(({ verdict, remembered }) =>
    verdict.verdict === "flagged" && remembered ? [remembered] : [],
  );
  const marks = await orNothing(() => streams.markFlagged(flagged), context);
  const flaggedAtMs = new Map(flagged.map(({ streamId }, index) => [streamId, marks[index]?.flaggedAtMs]));
  const first = new Set(flagged.filter((_, index) => marks[index]?.first));

  return judging.map(({ verdict, remembered, recollection }) => {
    if (!remembered) return { verdict };
    if (first.has(remembered)) return { verdict, before: earlierThan(remembered, recollection?.captures ?? []) };
    const lastMs = flaggedAtMs.get(remembered.streamId) ?? recollection?.flaggedAtMs;
    return { verdict: isContext(verdict, remembered.takenAtMs, lastMs) ? { ...verdict, review: "context" } : verdict };
  });
}

/** Only captures that were scored are remembered. */
function captureToRemember({ capture, result, times, thumbnail }: Concluded, policy: Policy) {
  const { captureId, streamId, capturedAt } = capture;
  if (result.kind !== "scored" || streamId === undefined || capturedAt === undefined) return undefined;
  const { receivedAtMs } = times;
  return {
    streamId,
    captureId,
    capturedAt,
    receivedAtMs,
    // A publisher's fast clock shall not put a capture in front of all that follow.
    takenAtMs: Math.min(Date.parse(capturedAt), receivedAtMs),
    scores: namedScores(policy, result.scores),
    thumbnail,
    recall: concernsStream(policy, result.scores),
  } satisfies CaptureToRemember;
}

/** Clean captures near a flagged one; of those that were taken before it only such as arrive after it. */
function isContext(verdict: Verdict, takenAtMs: number, flaggedAtMs: number | undefined): boolean {
  return verdict.verdict === "clean" && flaggedAtMs !== undefined && Math.abs(takenAtMs - flaggedAtMs) <= contextMs;
}

function earlierThan(capture: RememberedCapture, captures: readonly RememberedCapture[]): RememberedCapture[] {
  return captures
    .filter((other) => other.captureId !== capture.captureId && byTime(other, capture) < 0)
    .toSorted(byTime)
    .slice(-maxEarlierCaptures);
}

async function orNothing<Answer>(ask: () => Promise<Answer[]>, { log }: StageContext): Promise<Answer[]> {
  try {
    return await ask();
  } catch (error) {
    log.warn({ err: error }, "the memory of streams cannot be used: verdicts go without context");
    return [];
  }
}
