/**
 * Which frames go into which incidents. Pure: the caller has locked what it hands in, and writes what comes out.
 *
 * A flagged frame joins the incident of its stream and category if it was taken within the window before the first or
 * after the last flagged frame there, else it opens one. Of a stream and category at most one incident is joinable: the
 * one with the newest flagged frame. One that is not closed still takes in frames that come late.
 */
import type { Severity } from "../../capture/verdict.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Targets } from "../contract/admin.ts";
import type { FrameKind, IncidentKind } from "../contract/incident.ts";
import { earlierTargetAtMs, targetAtMs } from "../incidents/target.ts";
import { type Arrival, type EarlierArrival, isWorse, type Subject, scoreIn } from "./arrival.ts";

/** An incident as it is to be written. Times are milliseconds since 1970. */
export interface Draft {
  /** undefined: to be opened. */
  id: number | undefined;
  streamId: string;
  category: string;
  kind: IncidentKind;
  severity: Severity;
  closed: boolean;
  joinable: boolean;
  openedAtMs: number;
  firstCapturedAtMs: number;
  lastFlaggedAtMs: number;
  targetAtMs: number;
  frameCount: number;
  flaggedCount: number;
  peakScore: number;
  model: string;
  modelVersion: string;
  policyVersion: string;
  linkedTo: number | null;
  /** What joins it now. */
  frames: DraftFrame[];
}

export interface DraftFrame {
  number: number;
  kind: FrameKind;
  score: number | null;
  /** The capture's own verdict; for `before` the verdict that named it. */
  arrival: Arrival;
  capture: Arrival | EarlierArrival;
}

export interface Placing {
  windowMs: number;
  nowMs: number;
  targets: Targets;
  policy: Policy;
}

export interface Placed {
  /** Those that were handed in and those to be opened. */
  drafts: Draft[];
  /** Captures that were frames before only because a later one named them, and now have a verdict of their own. */
  superseded: string[];
  /** Context frames of streams without an open incident. */
  dropped: Arrival[];
  stored: number;
  known: number;
}

/**
 * @param incidents of the streams and categories of the arrivals; changed in place
 * @param frames what is stored already of the captures that the arrivals name
 */
export function placeArrivals(
  arrivals: readonly Arrival[],
  incidents: readonly Draft[],
  frames: ReadonlyMap<string, FrameKind>,
  placing: Placing,
): Placed {
  const { windowMs, nowMs, targets, policy } = placing;
  const byStream = new Map<string, Draft[]>();
  for (const draft of incidents) keep(draft);
  const own = new Set(arrivals.map(({ captureId }) => captureId));
  const taken = new Set<string>();
  const placed: Placed = { drafts: [], superseded: [], dropped: [], stored: 0, known: 0 };

  for (const arrival of inOrder(arrivals)) {
    const { captureId } = arrival;
    const kind = frames.get(captureId);
    if (taken.has(captureId) || (kind !== undefined && kind !== "before")) {
      placed.known += 1;
      continue;
    }
    taken.add(captureId);
    const draft = arrival.subject ? incidentFor(arrival, arrival.subject) : incidentAround(arrival);
    if (!draft) {
      placed.dropped.push(arrival);
      continue;
    }
    if (kind === "before") placed.superseded.push(captureId);
    join(draft, arrival);
    placed.stored += 1;
  }
  placed.drafts = [...byStream.values()].flat();
  return placed;

  function incidentFor(arrival: Arrival, subject: Subject): Draft {
    if (arrival.kind === "sampled") return keep(opened(arrival, subject));
    const siblings = siblingsOf(arrival.streamId, subject.category);
    const covering = siblings.filter((draft) => !draft.closed && covers(draft, arrival.capturedAtMs, windowMs));
    const draft = covering.find(({ joinable }) => joinable) ?? newest(covering) ?? keep(opened(arrival, subject));
    const joinable = siblings.find((each) => each.joinable);
    if (!joinable || arrival.capturedAtMs > joinable.lastFlaggedAtMs) {
      if (joinable) joinable.joinable = false;
      draft.joinable = true;
    }
    return draft;
  }

  /** The newest joinable incident of a context frame's stream that it lies around. */
  function incidentAround({ streamId, capturedAtMs }: Arrival): Draft | undefined {
    const ofStream = byStream.get(streamId) ?? [];
    return newest(ofStream.filter((draft) => draft.joinable && !draft.closed && covers(draft, capturedAtMs, windowMs)));
  }

  function opened(arrival: Arrival, subject: Subject): Draft {
    const { streamId, capturedAtMs: atMs, kind } = arrival;
    const siblings = kind === "sampled" ? [] : siblingsOf(streamId, subject.category);
    const before = newest(siblings.filter((draft) => draft.closed && covers(draft, atMs, windowMs)));
    return {
      ...subject,
      id: undefined,
      streamId,
      kind: kind === "sampled" ? "sampled" : "flagged",
      closed: false,
      joinable: false,
      openedAtMs: nowMs,
      firstCapturedAtMs: atMs,
      lastFlaggedAtMs: atMs,
      targetAtMs: targetAtMs(subject.severity, nowMs, targets),
      frameCount: 0,
      flaggedCount: 0,
      peakScore: 0,
      policyVersion: arrival.policyVersion,
      linkedTo: before?.id ?? null,
      frames: [],
    };
  }

  function join(draft: Draft, arrival: Arrival): void {
    for (const earlier of arrival.before) {
      if (own.has(earlier.captureId) || taken.has(earlier.captureId) || frames.has(earlier.captureId)) continue;
      taken.add(earlier.captureId);
      add(draft, "before", earlier, arrival);
    }
    const score = add(draft, arrival.kind, arrival, arrival);
    if (!arrival.subject) return;
    draft.peakScore = Math.max(draft.peakScore, score ?? 0);
    draft.firstCapturedAtMs = Math.min(draft.firstCapturedAtMs, arrival.capturedAtMs);
    draft.lastFlaggedAtMs = Math.max(draft.lastFlaggedAtMs, arrival.capturedAtMs);
    if (arrival.kind === "flagged") draft.flaggedCount += 1;
    const { severity } = arrival.subject;
    if (!isWorse(severity, draft.severity)) return;
    draft.severity = severity;
    draft.targetAtMs = earlierTargetAtMs({ beforeMs: draft.targetAtMs, severity }, nowMs, targets);
  }

  function add(draft: Draft, kind: FrameKind, capture: Arrival | EarlierArrival, arrival: Arrival): number | null {
    const score = scoreIn(draft.category, capture, policy);
    draft.frameCount += 1;
    draft.frames.push({ number: draft.frameCount, kind, score, capture, arrival });
    return score;
  }

  function siblingsOf(streamId: string, category: string): Draft[] {
    const ofStream = byStream.get(streamId) ?? [];
    return ofStream.filter((draft) => draft.kind === "flagged" && draft.category === category);
  }

  function keep(draft: Draft): Draft {
    const ofStream = byStream.get(draft.streamId);
    if (ofStream) ofStream.push(draft);
    else byStream.set(draft.streamId, [draft]);
    return draft;
  }
}

/** Whether a frame taken then belongs to the incident by its window. */
export function covers(
  incident: Pick<Draft, "firstCapturedAtMs" | "lastFlaggedAtMs">,
  atMs: number,
  windowMs: number,
): boolean {
  return atMs >= incident.firstCapturedAtMs - windowMs && atMs <= incident.lastFlaggedAtMs + windowMs;
}

/** Context frames last, since a flagged one of the same batch may open what they join. */
function inOrder(arrivals: readonly Arrival[]): Arrival[] {
  const rank = (arrival: Arrival) => (arrival.kind === "context" ? 1 : 0);
  return arrivals.toSorted((a, b) => rank(a) - rank(b) || a.capturedAtMs - b.capturedAtMs);
}

/** The one opened last. */
function newest(drafts: readonly Draft[]): Draft | undefined {
  return drafts.toSorted((a, b) => b.openedAtMs - a.openedAtMs || b.lastFlaggedAtMs - a.lastFlaggedAtMs)[0];
}
