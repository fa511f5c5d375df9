import type { z } from "zod";
import type { BulkCloseAnswer } from "../../../review/contract/decision.ts";
import { queueText } from "../../strings/queue.en.ts";

export type BulkOutcome =
  | { state: "editing" }
  | { state: "sending" }
  | { state: "failed"; message: string }
  | { state: "done"; answer: z.infer<typeof BulkCloseAnswer> };

const mostNamed = 50;

/** What was done, and which incidents were left as they are, and why. */
export function BulkResult({ done, refused }: { done: string; refused: readonly { id: number; why: string }[] }) {
  return (
    <div class="stack" role="status">
      <p>{done}</p>
      {refused.length > 0 && (
        <>
          <p>{queueText.refused(refused.length)}</p>
          <ul>
            {refused.slice(0, mostNamed).map(({ id, why }) => (
              <li key={id}>{queueText.refusedWhy(id, why)}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
