import { sql } from "kysely";
import type { Actor } from "../access/actor.ts";
import type { Frame, FramePage, PictureState } from "../contract/incident.ts";
import type { Db } from "../database/connection.ts";
import type { FrameRow } from "../database/schema.ts";
import { isRestricted, mayOpenRestricted } from "../evidence/restriction.ts";
import type { ReviewContext } from "../review-context.ts";

/** An incident of no more frames is told whole; of a longer one the answer has fewer. */
const maxFrames = 200;

/** How much of a long incident's beginning and end is told without gaps. */
const endFrames = 30;
const betweenFrames = 128;

/**
 * The frames of an incident, at most 200 of them, by the moment at which they were taken. Of a longer incident these
 * are the first 30 and the last 30 that came, the first flagged one, the one of the highest score, and between them
 * every second, fourth, eighth … by number, so that the choice changes only when the incident has doubled.
 *
 * @param frameCount numbers up to this one; frames that came meanwhile are left out
 * @param db the caller's transaction, where it has one
 */
export async function readFrames(
  context: ReviewContext,
  incidentId: number,
  frameCount: number,
  actor: Actor,
  db: Db,
): Promise<Frame[]> {
  const pictures = await picturesFor(context, db, actor, incidentId);
  const rows = await db
    .selectFrom("frames as f")
    .selectAll()
    .where("f.incident_id", "=", incidentId)
    .where("f.number", "<=", frameCount)
    .where(frameCount <= maxFrames ? sql.lit(true) : chosen(incidentId, frameCount))
    .orderBy("f.captured_at")
    .orderBy("f.number")
    .execute();
  return rows.map((row) => frameOf(row, pictures));
}

/** All frames of an incident in order of arrival, a page at a time. @param page.after number of the last one known */
export async function listFrames(
  context: ReviewContext,
  incidentId: number,
  actor: Actor,
  page: { after: number; limit: number },
): Promise<FramePage> {
  const { db } = context;
  const pictures = await picturesFor(context, db, actor, incidentId);
  const rows = await db
    .selectFrom("frames")
    .selectAll()
    .where("incident_id", "=", incidentId)
    .where("number", ">", page.after)
    .orderBy("number")
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map((row) => frameOf(row, pictures));
  return { items, next: rows.length > page.limit ? (items.at(-1)?.number ?? null) : null };
}

/** `restricted`: kept from the reader by law; `granted`: the reader may open them, one by one, for a reason. */
type Pictures = "open" | "restricted" | "granted";

async function picturesFor(context: ReviewContext, db: Db, actor: Actor, incidentId: number): Promise<Pictures> {
  if (!(await isRestricted(db, context.policy(), incidentId))) return "open";
  return mayOpenRestricted(actor) ? "granted" : "restricted";
}

/** The number of a flagged incident's first flagged frame, of a sampled one's sampled frame. */
export const triggerNumber = (incidentId: number) => sql<number | null>`(
  select number from frames where incident_id = ${incidentId} and kind in ('flagged', 'sampled')
  order by number limit 1)`;

function chosen(incidentId: number, frameCount: number) {
  const stride = 2 ** Math.ceil(Math.log2(frameCount / betweenFrames));
  const highest = sql`(
    select number from frames where incident_id = ${incidentId} and number <= ${frameCount} and score is not null
    order by score desc, number limit 1)`;
  return sql<boolean>`(
    f.number % ${stride}::integer = 0 or f.number <= ${endFrames} or f.number > ${frameCount - endFrames}
    or f.number = ${triggerNumber(incidentId)} or f.number = ${highest})`;
}

function frameOf(row: FrameRow, pictures: Pictures): Frame {
  const stateOf = (ref: string | null, kept: boolean): PictureState => {
    if (ref === null) return "none";
    if (row.evidence_deleted_at !== null) return "expired";
    return kept ? "restricted" : "available";
  };
  return {
    captureId: row.capture_id,
    number: row.number,
    kind: row.kind,
    capturedAt: row.captured_at.toISOString(),
    score: row.score,
    findings: row.findings,
    picture: stateOf(row.evidence, pictures === "restricted"),
    // A filmstrip shows thumbnails unasked: of restricted pictures nobody has one.
    thumbnail: stateOf(row.thumbnail, pictures !== "open"),
    width: row.width,
    height: row.height,
    imageUri: row.image_uri,
  };
}
