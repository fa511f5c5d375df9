import { useState } from "preact/hooks";
import { RequestError } from "../api/request-error.ts";
import { shellText } from "../strings/shell.en.ts";
import { Dialog } from "./dialog.tsx";

interface Props {
  title: string;
  words: string;
  submit: string;
  /** Does it; what it throws is shown. */
  onSubmit: () => Promise<void>;
  onClose: () => void;
}

/** Something that cannot be taken back, asked once more. The focus begins on the way out. */
export function ConfirmDialog({ title, words, submit, onSubmit, onClose }: Props) {
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async () => {
    if (sending) return;
    setSending(true);
    try {
      await onSubmit();
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
          <button type="button" class="danger" aria-disabled={sending} onClick={send}>
            {submit}
          </button>
        </>
      }
    >
      <p>{words}</p>
      {problem && <p role="alert">{problem}</p>}
    </Dialog>
  );
}
