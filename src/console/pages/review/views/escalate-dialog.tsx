import { useState } from "preact/hooks";
import { Dialog } from "../../../components/dialog.tsx";
import { keyLabel } from "../../../keys/key-label.ts";
import { reviewText } from "../../../strings/review.en.ts";
import { shellText } from "../../../strings/shell.en.ts";

interface Props {
  onSend: (note: string) => void;
  onClose: () => void;
}

/** A note for the lead, without which nothing is escalated. Ctrl or ⌘ with Enter sends. */
export function EscalateDialog({ onSend, onClose }: Props) {
  const [note, setNote] = useState("");
  const given = note.trim();
  const send = () => given && onSend(given);
  return (
    <Dialog
      title={reviewText.escalate.title}
      onClose={onClose}
      actions={
        <>
          <span class="muted small">{reviewText.escalate.hint(keyLabel("Mod+Enter"))}</span>
          <button type="button" onClick={onClose}>
            {shellText.cancel}
          </button>
          <button type="button" class="primary" aria-disabled={given === ""} onClick={send}>
            {reviewText.escalate.send}
          </button>
        </>
      }
    >
      <label class="above">
        {reviewText.escalate.note}
        <textarea
          rows={4}
          maxLength={4000}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
            event.preventDefault();
            send();
          }}
        />
      </label>
    </Dialog>
  );
}
