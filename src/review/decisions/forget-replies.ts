import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { createDuty } from "../duty.ts";
import type { ReviewContext } from "../review-context.ts";

const everyMs = 600_000;
/** A page that was away for longer asks people again rather than send what they once wanted. */
const keepMs = 7 * 86_400_000;

/** The background duty that forgets first answers to Idempotency-Keys, and skips that are over. */
export function createReplyForgetting(context: ReviewContext): Lifecycle {
  const { log, now } = context;
  return createDuty({ name: "forgetting of replies", everyMs, log, now, run: () => forgetReplies(context) });
}

export async function forgetReplies({ db, now }: ReviewContext): Promise<void> {
  await db
    .deleteFrom("replies")
    .where("at", "<", new Date(now() - keepMs))
    .execute();
  await db.deleteFrom("skips").where("until", "<", new Date(now())).execute();
}
