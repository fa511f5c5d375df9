/** What happens to the incident on the stage. Pure. */
import type { Hold } from "../../../../review/contract/hold.ts";
import type { Frame, Incident, IncidentSummary } from "../../../../review/contract/incident.ts";
import type { OnStage } from "./review-state.ts";

/** An incident as it comes onto the stage: covered, nothing drafted, its telling frame in the large place. */
export function putOnStage(hold: Hold, atMs: number): OnStage {
  return {
    hold,
    selected: peakFrame(hold.incident)?.captureId ?? hold.incident.trigger,
    category: hold.incident.category,
    note: "",
    paintedAtMs: null,
    keysWereUp: false,
    joined: null,
    restFromMs: null,
    armed: null,
    ended: null,
    viewedMs: 0,
    inViewSinceMs: atMs,
  };
}

/** The frame of the highest score, of those whose picture can be had if there are any. */
export function peakFrame(incident: Incident): Frame | undefined {
  const withPicture = incident.frames.filter(({ picture }) => picture === "available");
  const choice = withPicture.length > 0 ? withPicture : incident.frames;
  return choice.toSorted((one, other) => (other.score ?? -1) - (one.score ?? -1))[0];
}

/** The frame so many places after the selected one; at an end it stays there. */
export function frameBy(stage: OnStage, by: number): Frame | undefined {
  const { frames } = stage.hold.incident;
  const at = frames.findIndex(({ captureId }) => captureId === stage.selected);
  return frames[Math.min(frames.length - 1, Math.max(0, at + by))];
}

/** The incident as read anew. Frames that it did not have before have joined; the selection stays. */
export function withIncident(stage: OnStage, incident: Incident, atMs: number): OnStage {
  if (incident.id !== stage.hold.incident.id) return stage;
  const known = new Set(stage.hold.incident.frames.map(({ captureId }) => captureId));
  const fresh = incident.frames.filter(({ captureId }) => !known.has(captureId));
  const hold = { ...stage.hold, incident };
  const selected = incident.frames.some(({ captureId }) => captureId === stage.selected)
    ? stage.selected
    : (peakFrame(incident)?.captureId ?? incident.trigger);
  const flagged = fresh.filter(({ kind }) => kind === "flagged");
  // Context comes every second while a stream is live: nobody needs to be told.
  if (flagged.length === 0) return { ...stage, hold, selected };
  const scores = flagged.flatMap(({ score }) => (score === null ? [] : [score]));
  const joined = { atMs, count: flagged.length, peak: scores.length > 0 ? Math.max(...scores) : null };
  return tellsNews(stage, flagged, atMs)
    ? { ...stage, hold, selected, joined, armed: null, restFromMs: atMs }
    : { ...stage, hold, selected, joined };
}

/** A live stream brings frames every second: keys that rested for each would never act. */
const restAgainMs = 10_000;
const higherScore = 0.05;

/**
 * Whether flagged frames that joined may change the person's mind, so that decision keys rest: they do once in a
 * while, and always with a category or a score that was not there before.
 */
function tellsNews({ hold, restFromMs }: OnStage, flagged: readonly Frame[], atMs: number): boolean {
  const before = hold.incident.frames;
  const known = new Set(before.flatMap(({ findings }) => findings.map(({ category }) => category)));
  const peak = Math.max(...before.map(({ score }) => score ?? 0));
  const says = ({ findings, score }: Frame) =>
    findings.some(({ category }) => !known.has(category)) || (score ?? 0) >= peak + higherScore;
  return restFromMs === null || atMs - restFromMs > restAgainMs || flagged.some(says);
}

/** A hold whose incident's head facts were told by a live update; its frames are read by a request of their own. */
export function withSummary(hold: Hold, told: IncidentSummary): Hold {
  if (told.id !== hold.incident.id || told.changedAt < hold.incident.changedAt) return hold;
  // Frames are counted when they are shown, not before.
  const { frames, newestFrame, frameCount, flaggedCount, peakScore } = hold.incident;
  const shown = { frames, newestFrame, frameCount, flaggedCount, peakScore };
  return { ...hold, incident: { ...hold.incident, ...told, ...shown } };
}

/** Time in view so far, breaks and hidden times left out. */
export function handlingMs(stage: OnStage, atMs: number): number {
  return Math.round(stage.viewedMs + (stage.inViewSinceMs === null ? 0 : Math.max(0, atMs - stage.inViewSinceMs)));
}

/** The clock of the time in view goes on or stands still. */
export function inView(stage: OnStage, visible: boolean, atMs: number): OnStage {
  if (visible) return stage.inViewSinceMs === null ? { ...stage, inViewSinceMs: atMs } : stage;
  return { ...stage, viewedMs: handlingMs(stage, atMs), inViewSinceMs: null };
}
