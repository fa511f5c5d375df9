import type { Verdict } from "../../capture/verdict.ts";
import { appendActivity } from "../activity/append.ts";
import type { Targets } from "../contract/admin.ts";
import type { Db } from "../database/connection.ts";
import { discardEvidence } from "../evidence/discard.ts";
import { type Priority, priorityOf } from "../incidents/priority.ts";
import type { ReviewContext } from "../review-context.ts";
import { readSetting } from "../settings/review-settings.ts";
import { type StreamNews, type StreamState, unknownStream, withNews } from "../streams/stream-facts.ts";
import { ensureStreams, readStreams, writeNews } from "../streams/stream-rows.ts";
import { type Arrival, arrivalOf } from "./arrival.ts";
import { isPassing } from "./database-failure.ts";
import { lockIncidents } from "./lock-incidents.ts";
import { type Draft, placeArrivals } from "./place-arrivals.ts";
import { insertFrames, storedFrames } from "./write-frames.ts";
import { endJoining, type Opened, openIncidents, updateIncidents } from "./write-incidents.ts";

export interface Stored {
  stored: number;
  /** Stored before: a repeated delivery changes nothing. */
  known: number;
  /** Context frames of streams without an open incident, and verdicts that are nothing for review. */
  dropped: number;
}

/** Two processes that open incidents of the same streams meet again and again in a flood; each time one of them is through. */
const maxAttempts = 10;

/**
 * Stores verdicts in one transaction: all of them or, when it throws, none. Idempotent by `captureId`. Several
 * processes may call it at once, with the same verdicts even.
 * @throws Error of the database
 */
export async function storeVerdicts(context: ReviewContext, verdicts: readonly Verdict[]): Promise<Stored> {
  const arrivals = verdicts.flatMap((verdict) => arrivalOf(verdict, context.policy()) ?? []);
  if (arrivals.length === 0) return { stored: 0, known: 0, dropped: verdicts.length };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const stored = await context.db.transaction().execute((db) => storeArrivals(context, db, arrivals));
      return { ...stored, dropped: stored.dropped + verdicts.length - arrivals.length };
    } catch (error) {
      if (attempt === maxAttempts || !isPassing(error)) throw error;
    }
  }
}

/**
 * Locks in the order that all of review keeps: incidents, then streams.
 *
 *     streams exist ► incidents locked ► what is known already ► placed ► incidents, frames, log, streams written
 */
async function storeArrivals(context: ReviewContext, db: Db, arrivals: readonly Arrival[]): Promise<Stored> {
  const nowMs = context.now();
  const { windowMs } = context.timing;
  const news = newsByStream(arrivals);
  await ensureStreams(db, news.keys());
  const targets = await readSetting(context, "targets", db);
  const streams = await readStreams(db, news.keys());
  const incidents = await lockIncidents(db, arrivals, windowMs);
  const wereJoinable = new Set(incidents.filter(({ joinable }) => joinable));
  // Only under the locks: until then another process may be storing the same.
  const frames = await storedFrames(db, arrivals);
  const placed = placeArrivals(arrivals, incidents, frames, { windowMs, nowMs, targets, policy: context.policy() });

  const priority = (draft: Draft): Priority => {
    const { state, confirmed } = streams.get(draft.streamId) ?? { state: unknownStream(0), confirmed: 0 };
    const { live, viewers }: StreamState = withNews(state, news.get(draft.streamId) ?? []);
    return priorityOf({ ...draft, live, viewers, confirmed }, nowMs);
  };
  const grown = placed.drafts.filter((draft) => draft.frames.length > 0);
  const joined = grown.filter((draft): draft is Opened => draft.id !== undefined);
  await endJoining(
    db,
    incidents.filter((draft) => wereJoinable.has(draft) && !draft.joinable).flatMap(({ id }) => id ?? []),
  );
  const opened = await openIncidents(
    db,
    grown.filter(({ id }) => id === undefined),
    priority,
  );
  await updateIncidents(db, joined, priority);
  await insertFrames(db, [...opened, ...joined], placed.superseded, nowMs);
  await logOpenings(db, opened, targets);
  await discardEvidence(db, placed.dropped, nowMs);
  await writeNews(db, news);
  return { stored: placed.stored, known: placed.known, dropped: placed.dropped.length };
}

function newsByStream(arrivals: readonly Arrival[]): Map<string, StreamNews[]> {
  const news = new Map<string, StreamNews[]>();
  for (const arrival of arrivals) {
    const ofStream = news.get(arrival.streamId);
    if (ofStream) ofStream.push(arrival.news);
    else news.set(arrival.streamId, [arrival.news]);
  }
  return news;
}

function logOpenings(db: Db, opened: readonly Opened[], targets: Targets): Promise<void> {
  return appendActivity(
    db,
    opened.map(({ id, streamId, category, severity, kind, linkedTo }) => ({
      actor: "system",
      kind: "incident-opened",
      incidentId: id,
      streamId,
      details: { category, severity, incident: kind, targetMs: targets[severity], linkedTo },
    })),
  );
}
