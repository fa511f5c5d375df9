import type { Verdict } from "../../capture/verdict.ts";
import { appendActivity } from "../activity/append.ts";
import type { ReviewContext } from "../review-context.ts";
import { isRefusal } from "./database-failure.ts";
import { storableText } from "./storable.ts";
import { type Stored, storeVerdicts } from "./store-verdicts.ts";

export interface StoredBatch extends Stored {
  /** Verdicts that the database will never take; each is in the activity log. */
  refused: number;
}

/**
 * Stores verdicts, and lets none that the database refuses keep the others out: the batch is halved until it stands
 * alone.
 * @throws Error when the database cannot be had; parts may be stored by then, which are known the next time
 */
export async function storeBatch(context: ReviewContext, verdicts: readonly Verdict[]): Promise<StoredBatch> {
  try {
    return { ...(await storeVerdicts(context, verdicts)), refused: 0 };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [first] = verdicts;
    if (first && verdicts.length === 1) return refuse(context, first, error);
    const middle = Math.ceil(verdicts.length / 2);
    const halves = [
      await storeBatch(context, verdicts.slice(0, middle)),
      await storeBatch(context, verdicts.slice(middle)),
    ];
    return halves.reduce((one, other) => ({
      stored: one.stored + other.stored,
      known: one.known + other.known,
      dropped: one.dropped + other.dropped,
      refused: one.refused + other.refused,
    }));
  }
}

const idLength = 256;

async function refuse(context: ReviewContext, verdict: Verdict, error: unknown): Promise<StoredBatch> {
  const problem = error instanceof Error ? error.message : String(error);
  const cut = (text: string | null) => storableText((text ?? "").slice(0, idLength));
  const details = { captureId: cut(verdict.captureId), streamId: cut(verdict.streamId), problem: cut(problem) };
  context.log.error(details, "the database refuses a verdict");
  await appendActivity(context.db, { actor: "system", kind: "verdict-refused", details });
  return { stored: 0, known: 0, dropped: 0, refused: 1 };
}
