import { sql } from "kysely";
import type { FrameKind } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";
import type { Arrival } from "./arrival.ts";
import type { DraftFrame } from "./place-arrivals.ts";
import { storableJson } from "./storable.ts";
import { IntakeRaceError, type Opened } from "./write-incidents.ts";

/** What is stored already of the captures that arrivals name, earlier ones included: the kind of frame by capture. */
export async function storedFrames(db: Db, arrivals: readonly Arrival[]): Promise<Map<string, FrameKind>> {
  const ids = arrivals.flatMap(({ captureId, before }) => [captureId, ...before.map((earlier) => earlier.captureId)]);
  const rows = await db
    .selectFrom("frames")
    .select(["capture_id", "kind"])
    .where("capture_id", "=", sql<string>`any(${ids}::text[])`)
    .execute();
  return new Map(rows.map(({ capture_id, kind }) => [capture_id, kind]));
}

/**
 * Inserts what joins the incidents, after frames that are known by others' verdicts only have made way for their own.
 * @throws IntakeRaceError when another process stores one of the captures
 */
export async function insertFrames(
  db: Db,
  incidents: readonly Opened[],
  superseded: readonly string[],
  nowMs: number,
): Promise<void> {
  if (superseded.length > 0) {
    await db.deleteFrom("frames").where("capture_id", "in", superseded).where("kind", "=", "before").execute();
  }
  const records = incidents.flatMap(({ id, frames }) => frames.map((frame) => recordOf(id, frame, nowMs)));
  const { rows } = await sql`
    insert into frames (capture_id, incident_id, number, kind, captured_at, score, findings, scores, policy_version,
      image_uri, evidence, thumbnail, width, height, received_at, decided_at, arrived_at)
    select * from json_to_recordset(${storableJson(records)}::json)
      as r(capture_id text, incident_id bigint, number integer, kind text, captured_at timestamptz, score real,
        findings jsonb, scores jsonb, policy_version text, image_uri text, evidence text, thumbnail text, width integer,
        height integer, received_at timestamptz, decided_at timestamptz, arrived_at timestamptz)
    on conflict (capture_id) do nothing
    returning capture_id
  `.execute(db);
  if (rows.length < records.length) throw new IntakeRaceError("capture");
}

function recordOf(incidentId: number, { number, kind, score, capture, arrival }: DraftFrame, nowMs: number) {
  const own = capture === arrival ? arrival : undefined;
  return {
    capture_id: capture.captureId,
    incident_id: incidentId,
    number,
    kind,
    captured_at: isoTime(capture.capturedAtMs),
    score,
    findings: own?.findings ?? [],
    scores: capture.scores,
    policy_version: arrival.policyVersion,
    image_uri: own?.imageUri ?? null,
    evidence: own?.evidence ?? null,
    thumbnail: capture.thumbnail,
    width: own?.width ?? null,
    height: own?.height ?? null,
    received_at: own ? isoTime(own.receivedAtMs) : null,
    decided_at: isoTime(arrival.decidedAtMs),
    arrived_at: isoTime(nowMs),
  };
}

const isoTime = (ms: number) => new Date(ms).toISOString();
