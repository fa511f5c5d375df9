/** Incidents put straight into the tables, for tests of what people do with them. */

import type { Insertable } from "kysely";
import type { FrameKind } from "../src/review/contract/incident.ts";
import type { Database } from "../src/review/database/schema.ts";
import type { ReviewContext } from "../src/review/review-context.ts";

export interface IncidentFacts extends Partial<Insertable<Database["incidents"]>> {
  /** Flagged frames it has, 1 unless said. */
  frames?: number;
  streamerId?: string;
  live?: boolean;
}

let serial = 0;

/** @returns the incident's id */
export async function addIncident(context: ReviewContext, facts: IncidentFacts = {}): Promise<number> {
  serial += 1;
  const { frames = 1, streamerId, live, ...columns } = facts;
  const streamId = columns.stream_id ?? `stream-${serial}`;
  const now = new Date(context.now());
  await context.db
    .insertInto("streams")
    .values({
      stream_id: streamId,
      live: live ?? true,
      viewers: 100,
      title: null,
      streamer_id: streamerId ?? null,
      started_at: null,
      ended_at: null,
      last_seen_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id } = await context.db
    .insertInto("incidents")
    .values({
      stream_id: streamId,
      category: "pornography",
      kind: "flagged",
      severity: "severe",
      joinable: true,
      opened_at: now,
      last_flagged_at: now,
      first_captured_at: now,
      target_at: new Date(context.now() + 120_000),
      frame_count: 0,
      flagged_count: 0,
      peak_score: 0.9,
      model: "nsfw",
      model_version: "1",
      policy_version: "nsfw-1",
      priority: 50,
      priority_terms: JSON.stringify([]),
      linked_to: null,
      escalated_at: null,
      escalated_by: null,
      escalation_note: null,
      assigned_to: null,
      assigned_until: null,
      closed_at: null,
      ...columns,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  for (let count = 0; count < frames; count += 1) await addFrame(context, id);
  return id;
}

/** One more frame of an incident, as intake adds it. @returns its number */
export async function addFrame(
  context: ReviewContext,
  incidentId: number,
  kind: FrameKind = "flagged",
): Promise<number> {
  serial += 1;
  const captureId = `capture-${serial}`;
  const now = new Date(context.now());
  const {
    frame_count: number,
    category,
    severity,
  } = await context.db
    .updateTable("incidents")
    .set((set) => ({
      frame_count: set("frame_count", "+", 1),
      flagged_count: set("flagged_count", "+", kind === "flagged" ? 1 : 0),
    }))
    .where("id", "=", incidentId)
    .returning(["frame_count", "category", "severity"])
    .executeTakeFirstOrThrow();
  const finding = {
    category,
    severity,
    score: 0.9,
    threshold: 0.8,
    rule: "single-frame",
    model: "nsfw",
    label: "Porn",
  };
  await context.db
    .insertInto("frames")
    .values({
      capture_id: captureId,
      incident_id: incidentId,
      number,
      kind,
      captured_at: now,
      score: 0.9,
      findings: JSON.stringify(kind === "flagged" ? [finding] : []),
      scores: JSON.stringify([]),
      policy_version: "nsfw-1",
      image_uri: null,
      evidence: null,
      thumbnail: null,
      width: 1280,
      height: 720,
      received_at: now,
      decided_at: now,
      evidence_deleted_at: null,
    })
    .execute();
  return number;
}
