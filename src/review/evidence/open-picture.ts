import { sql } from "kysely";
import { BlobError } from "../../blobs/blob-store.ts";
import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { Db } from "../database/connection.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import { PictureError, type RenderedForm, renderPicture } from "./render-picture.ts";
import { isRestricted, mayOpenRestricted } from "./restriction.ts";

export type PictureForm = RenderedForm | "thumbnail";

/** Thumbnails come by the dozen: of one incident the log names them once a quarter of an hour for each person. */
const thumbnailsLoggedEveryMs = 900_000;

/**
 * The picture of a frame, for a person who may see it. A delivery of severe or restricted evidence is in the activity
 * log before the bytes leave.
 *
 * @param request.reason why a restricted picture is opened; needed for those only
 * @throws ReviewError `not-found` · `forbidden` · `invalid` without the reason · `picture-gone` · `unavailable`
 */
export async function openPicture(
  context: ReviewContext,
  actor: PersonActor,
  captureId: string,
  request: { form: PictureForm; reason?: string },
): Promise<{ bytes: Buffer; type: string }> {
  const { db } = context;
  const { form } = request;
  const frame = await findFrame(db, captureId);
  const restricted = await isRestricted(db, context.policy(), frame.incident_id);
  const reason = restricted ? reasonGiven(actor, request) : undefined;

  const ref = form === "thumbnail" ? frame.thumbnail : frame.evidence;
  if (ref === null) throw new ReviewError("picture-gone", "Of this frame no such picture was kept.");
  if (frame.evidence_deleted_at !== null)
    throw new ReviewError("picture-gone", `The picture was deleted on ${frame.evidence_deleted_at.toISOString()}.`);
  const kept = await read(context, captureId, ref, form);
  const bytes = form === "thumbnail" ? Buffer.from(kept) : await rendered(context, captureId, kept, form);

  if (frame.severity === "severe" || restricted) {
    const delivery = { actor: actorName(actor), incidentId: frame.incident_id, streamId: frame.stream_id };
    if (form !== "thumbnail" || !(await thumbnailsLogged(db, delivery)))
      await appendActivity(db, {
        ...delivery,
        kind: "picture-delivered",
        details: { captureId, form, ...(reason === undefined ? {} : { reason }) },
      });
  }
  return { bytes, type: "image/jpeg" };
}

async function findFrame(db: Db, captureId: string) {
  // Postgres takes no NUL in a text.
  const frame = captureId.includes("\0")
    ? undefined
    : await db
        .selectFrom("frames as f")
        .innerJoin("incidents as i", "i.id", "f.incident_id")
        .select(["f.incident_id", "f.evidence", "f.thumbnail", "f.evidence_deleted_at", "i.severity", "i.stream_id"])
        .where("f.capture_id", "=", captureId)
        .executeTakeFirst();
  if (!frame) throw new ReviewError("not-found", "There is no frame of this capture.");
  return frame;
}

function reasonGiven(actor: PersonActor, { form, reason }: { form: PictureForm; reason?: string }): string {
  if (!mayOpenRestricted(actor))
    throw new ReviewError("forbidden", "The law restricts this picture: only leads with that right open it.");
  if (form === "thumbnail")
    throw new ReviewError("forbidden", "Of pictures that the law restricts no thumbnails are shown.");
  const given = reason?.trim().toWellFormed() ?? "";
  if (given === "" || given.includes("\0"))
    throw new ReviewError("invalid", "The law restricts this picture: say why it must be opened.");
  return given;
}

async function read(context: ReviewContext, captureId: string, ref: string, form: PictureForm): Promise<Uint8Array> {
  try {
    return await context.evidence.get(ref);
  } catch (error) {
    if (!(error instanceof BlobError)) throw error;
    if (error.code !== "missing") {
      context.log.error({ captureId, err: error.message }, "evidence cannot be read");
      throw new ReviewError("unavailable", "The evidence store does not answer: the picture may come in a while.");
    }
    context.log.error({ captureId, form }, "evidence is missing from its store");
    if (form !== "thumbnail") await markGone(context, captureId);
    throw new ReviewError("picture-gone", "The picture is no longer in the evidence store.");
  }
}

/** So that the frame says so from now on, to everybody, without asking the store. */
async function markGone({ db, now }: ReviewContext, captureId: string): Promise<void> {
  await db
    .updateTable("frames")
    .set({ evidence_deleted_at: new Date(now()) })
    .where("capture_id", "=", captureId)
    .where("evidence_deleted_at", "is", null)
    .execute();
}

async function rendered(
  { log }: ReviewContext,
  captureId: string,
  bytes: Uint8Array,
  form: RenderedForm,
): Promise<Buffer> {
  try {
    return await renderPicture(bytes, form);
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    log.error({ captureId, err: error }, "evidence cannot be shown");
    throw new ReviewError("picture-gone", `The picture cannot be shown: ${error.message}.`);
  }
}

async function thumbnailsLogged(db: Db, { actor, incidentId }: { actor: string; incidentId: number }) {
  const logged = await db
    .selectFrom("activity")
    .select("id")
    .where("incident_id", "=", incidentId)
    .where("kind", "=", "picture-delivered")
    .where("actor", "=", actor)
    .where(sql<boolean>`at > now() - ${thumbnailsLoggedEveryMs}::float8 * interval '1 millisecond'`)
    .limit(1)
    .executeTakeFirst();
  return logged !== undefined;
}
