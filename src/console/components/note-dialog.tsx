import { useState } from "preact/hooks";
import { RequestError } from "../api/request-error.ts";
import { shellText } from "../strings/shell.en.ts";
import { Dialog } from "./dialog.tsx";

interface Props {
  title: string;
  words: string;
  field: string;
  submit: string;
  /** Does it; what it throws is shown, and the note stays. */
  onSubmit: (note: string) => Promise<void>;
  onClose: () => void;
}

/** Something that is done only with a note. Ctrl or ⌘ with Enter sends. */
export function NoteDialog({ title, words, field, submit, onSubmit, onClose }: Props) {
  const [note, setNote] = useState("");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const empty = note.trim() === "";
  const send = async () => {
    if (empty || sending) return;
    setSending(true);
    try {
      await onSubmit(note.trim());
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : shellText.unexpected);
      setSending(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            {shellText.cancel}
          </button>
          <button type="button" class="primary" aria-disabled={empty || sending} onClick={send}>
            {submit}
          </button>
        </>
      }
    >
      <p>{words}</p>
      <label class="above">
        {field}
        <textarea
          rows={4}
          maxLength={4_000}
          required
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
            event.preventDefault();
            void send();
          }}
        />
      </label>
      {problem && <p role="alert">{problem}</p>}
    </Dialog>
  );
}
