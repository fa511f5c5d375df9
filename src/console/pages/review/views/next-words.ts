import type { Me } from "../../../../review/contract/me.ts";
import { coverOf } from "../../../exposure/cover.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewState } from "../session/review-state.ts";

/** "Next: severe, nudity, frame 7 of 12, covered", for whoever does not see it. */
export function wordsOfNext({ current }: ReviewState, { preferences, limits }: Me): string {
  if (!current) return reviewText.nothingNext;
  const { incident } = current.hold;
  const place = incident.frames.findIndex(({ captureId }) => captureId === current.selected) + 1;
  const covered = coverOf(incident.severity, preferences, limits).kind !== "none";
  return reviewText.next(incident.severity, incident.category, place, incident.frames.length, covered);
}
