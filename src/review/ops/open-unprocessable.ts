import { BlobError } from "../../blobs/blob-store.ts";
import { readUnprocessable } from "../../pipeline/unprocessable.ts";
import type { PersonActor } from "../access/actor.ts";
import { mayActAs } from "../access/roles.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import { PictureError, type RenderedForm, renderPicture } from "../evidence/render-picture.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import type { OpsParts } from "./ops-parts.ts";

/**
 * The picture of a capture that could not be processed, for a moderator who also has the scope ops. No model has said what
 * it shows, so each delivery is in the activity log before the bytes leave, as if it were severe.
 *
 * @throws ReviewError `forbidden` · `not-found` · `picture-gone` · `unavailable`
 */
export async function openUnprocessable(
  { db, now, log }: ReviewContext,
  { redis, blobs }: OpsParts,
  actor: PersonActor,
  { id, form }: { id: string; form: RenderedForm },
): Promise<Buffer> {
  if (!mayActAs(actor.role, "moderator"))
    throw new ReviewError("forbidden", "Pictures are for people of at least the role moderator.");
  const failure = (await readUnprocessable(redis)).find((each) => each.id === id);
  if (!failure) throw new ReviewError("not-found", "This failure is not remembered any more.");
  const { picture, captureId, streamId } = failure;
  if (!picture || picture.untilMs <= now())
    throw new ReviewError("picture-gone", "Of this capture no picture is kept, or not any more.");
  const bytes = await blobs.get(picture.blob).catch((error: unknown) => {
    if (!(error instanceof BlobError)) throw error;
    if (error.code === "unavailable")
      throw new ReviewError("unavailable", "The blob store does not answer: the picture may come in a while.");
    throw new ReviewError("picture-gone", "The picture is no longer in the blob store.");
  });
  const rendered = await renderPicture(bytes, form).catch((error: unknown) => {
    if (!(error instanceof PictureError)) throw error;
    log.info({ captureId, err: error.message }, "an unprocessable capture's picture cannot be shown");
    throw new ReviewError("picture-gone", `The picture cannot be shown: ${error.message}.`);
  });
  await appendActivity(db, {
    actor: actorName(actor),
    kind: "picture-delivered",
    ...(streamId === null ? {} : { streamId }),
    details: { captureId, form, of: "unprocessable" },
  });
  return rendered;
}
