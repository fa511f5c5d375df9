import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { RequestError } from "../../../api/request-error.ts";
import { Dialog } from "../../../components/dialog.tsx";
import { opsTuningText as text } from "../../../strings/ops-tuning.en.ts";
import { shellText } from "../../../strings/shell.en.ts";

interface Props {
  title: string;
  submit: string;
  danger?: boolean;
  /** What else keeps it from being sent, in words. */
  obstacle?: string | null;
  /** What comes after it is shown by whoever opened it. */
  keepOpen?: boolean;
  children: ComponentChildren;
  onSubmit: (why: string) => Promise<void>;
  onClose: () => void;
}

/** What it would do, in words, and a reason that is asked for; then it is done, or what refused it is said. */
export function ReasonDialog({
  title,
  submit,
  danger = false,
  obstacle = null,
  keepOpen = false,
  children,
  onSubmit,
  onClose,
}: Props) {
  const id = useId();
  const [why, setWhy] = useState("");
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const missing = obstacle ?? (why.trim() === "" ? text.reasonNeeded : null);
  const send = async () => {
    setTried(true);
    if (missing !== null || sending) return;
    setSending(true);
    setProblem(null);
    try {
      await onSubmit(why.trim());
      if (!keepOpen) onClose();
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
          <button
            type="submit"
            form={id}
            class={danger ? "danger" : "primary"}
            aria-disabled={missing !== null || sending}
          >
            {submit}
          </button>
        </>
      }
    >
      <form
        id={id}
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {children}
        <label class="above">
          {text.reason}
          <textarea
            rows={2}
            maxLength={500}
            required
            value={why}
            onInput={(event) => setWhy(event.currentTarget.value)}
          />
        </label>
        {(problem ?? (tried && missing)) && <p role="alert">{problem ?? missing}</p>}
      </form>
    </Dialog>
  );
}
