import { useState } from "preact/hooks";
import { Dialog } from "../../../components/dialog.tsx";
import { reviewText } from "../../../strings/review.en.ts";
import { shellText } from "../../../strings/shell.en.ts";

/** Asks why a picture must be opened that the law restricts; null: it stays closed. */
export function ReasonDialog({ onAnswer }: { onAnswer: (reason: string | null) => void }) {
  const [reason, setReason] = useState("");
  const given = reason.trim();
  return (
    <Dialog
      title={reviewText.restrictedTitle}
      onClose={() => onAnswer(null)}
      actions={
        <>
          <button type="button" onClick={() => onAnswer(null)}>
            {shellText.cancel}
          </button>
          <button type="button" class="primary" aria-disabled={given === ""} onClick={() => given && onAnswer(given)}>
            {reviewText.restrictedOpen}
          </button>
        </>
      }
    >
      <p>{reviewText.restrictedWords}</p>
      <label class="above">
        {reviewText.restrictedReason}
        <textarea rows={3} maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}
