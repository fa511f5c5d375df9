import type { ModelScores } from "../capture/scores.ts";
import type { Finding } from "../capture/verdict.ts";
import { type LabelRef, topLabel } from "./label-scores.ts";
import type { SustainedRule } from "./policy.ts";

/** A capture as the memory of its stream has it. */
export interface StreamFrame {
  captureId: string;
  /** When it was taken, ms since 1970. */
  takenAtMs: number;
  scores: readonly ModelScores[];
}

/**
 * How the rule holds for a capture: of all runs of at most `ofLast` successive captures within `withinMs` that it is
 * in, the one with the most captures over the threshold; undefined when none has enough, or the capture is not over
 * the threshold itself.
 *
 * A capture that came late is in the midst of such runs, so a pattern is found whoever comes last. Captures that
 * are not there yet cannot thin a run out: of clean ones that come late, the rule knows nothing.
 *
 * @param frames of the stream, those that arrived before this capture and itself, in any order
 */
export function sustainedBy(
  rule: SustainedRule,
  labels: readonly LabelRef[],
  captureId: string,
  frames: readonly StreamFrame[],
): Finding["sustained"] {
  const inOrder = frames.toSorted(byTime);
  const own = inOrder.findIndex((frame) => frame.captureId === captureId);
  const isOver = inOrder.map(({ scores }) => (topLabel(scores, labels)?.score ?? 0) >= rule.threshold);
  if (!isOver[own]) return undefined;

  let best: Finding["sustained"];
  for (let last = own; last < Math.min(own + rule.ofLast, inOrder.length); last++) {
    const endsAtMs = inOrder[last]?.takenAtMs ?? Number.NaN;
    const earliest = Math.max(0, last - rule.ofLast + 1);
    const first = inOrder.findIndex(
      ({ takenAtMs }, index) => index >= earliest && takenAtMs >= endsAtMs - rule.withinMs,
    );
    if (first > own) break; // Longer ago than the rule looks back, and so for all that follow.
    const over = isOver.slice(first, last + 1).filter(Boolean).length;
    if (over < rule.atLeast || over <= (best?.over ?? 0)) continue;
    best = { over, of: last - first + 1, spanMs: endsAtMs - (inOrder[first]?.takenAtMs ?? endsAtMs) };
  }
  return best;
}

/** By time, and where that is equal by id: the same order in every process. */
export function byTime(a: StreamFrame, b: StreamFrame): number {
  return a.takenAtMs - b.takenAtMs || (a.captureId < b.captureId ? -1 : 1);
}
