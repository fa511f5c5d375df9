import { useCallback, useMemo, useState } from "preact/hooks";
import type { IncidentSummary } from "../../../review/contract/incident.ts";
import { RequestError } from "../../api/request-error.ts";
import { bulkClose } from "../../api/review-api.ts";
import { Dialog } from "../../components/dialog.tsx";
import { queueText } from "../../strings/queue.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { BulkCloseForm } from "./bulk-close-form.tsx";
import { type BulkCloseDraft, drawLooks, mostAtOnce, obstacles } from "./bulk-close-rules.ts";
import { BulkLooks } from "./bulk-looks.tsx";
import { type BulkOutcome, BulkResult } from "./bulk-result.tsx";

interface Props {
  incidents: readonly IncidentSummary[];
  onDone: () => void;
  onCancel: () => void;
}

/** Closes many incidents at once, after ten drawn at random were looked at, the count was typed and a note written. */
export function BulkCloseDialog({ incidents: given, onDone, onCancel }: Props) {
  // What was selected when it opened: frames that join meanwhile were not seen, and the server keeps those incidents.
  const [incidents] = useState(() => given.filter(({ state }) => state !== "closed"));
  const toLookAt = useMemo(
    () =>
      drawLooks(
        incidents.map(({ id }) => id),
        Math.random,
      ),
    [incidents],
  );
  const [key] = useState(() => crypto.randomUUID());
  const [draft, setDraft] = useState<BulkCloseDraft>({
    count: incidents.length,
    toLookAt,
    lookedAt: new Set(),
    close: null,
    category: null,
    typedCount: "",
    note: "",
  });
  const [tried, setTried] = useState(false);
  const [outcome, setOutcome] = useState<BulkOutcome>({ state: "editing" });
  const looked = useCallback(
    (id: number) =>
      setDraft((now) => (now.lookedAt.has(id) ? now : { ...now, lookedAt: new Set([...now.lookedAt, id]) })),
    [],
  );
  const missing = obstacles(draft);

  const submit = async () => {
    setTried(true);
    if (missing.length > 0 || outcome.state === "sending") return;
    setOutcome({ state: "sending" });
    try {
      setOutcome({ state: "done", answer: await bulkClose(requestOf(draft, incidents), key) });
    } catch (error) {
      setOutcome({ state: "failed", message: error instanceof RequestError ? error.message : shellText.unexpected });
    }
  };
  if (outcome.state === "done")
    return (
      <Dialog title={queueText.closeTitle(incidents.length)} onClose={onDone}>
        <BulkResult done={queueText.closeDone(outcome.answer.closed.length)} refused={outcome.answer.refused} />
      </Dialog>
    );
  return (
    <Dialog
      title={queueText.closeTitle(incidents.length)}
      wide
      onClose={onCancel}
      actions={
        <>
          <button type="button" onClick={onCancel}>
            {shellText.cancel}
          </button>
          <button type="button" class="danger" aria-disabled={missing.length > 0} onClick={submit}>
            {queueText.closeSubmit(Math.min(incidents.length, mostAtOnce))}
          </button>
        </>
      }
    >
      <p>{queueText.closeWords}</p>
      <BulkLooks toLookAt={toLookAt} lookedAt={draft.lookedAt} onLooked={looked} />
      <BulkCloseForm draft={draft} incidents={incidents} onChange={setDraft} />
      {tried && missing.length > 0 && (
        <ul role="alert">
          {missing.map((obstacle) => (
            <li key={obstacle}>{queueText.obstacle[obstacle]}</li>
          ))}
        </ul>
      )}
      {outcome.state === "failed" && (
        <p role="alert">
          {queueText.closeFailed} {outcome.message}
        </p>
      )}
    </Dialog>
  );
}

function requestOf(draft: BulkCloseDraft, incidents: readonly IncidentSummary[]): Parameters<typeof bulkClose>[0] {
  const request = {
    incidents: incidents.map(({ id, frameCount }) => ({ id, seenThrough: frameCount })),
    count: draft.count,
    lookedAt: [...draft.lookedAt],
    note: draft.note.trim(),
  };
  return draft.close === null || draft.close === "no-violation" || draft.category === null
    ? { ...request, outcome: "no-violation" }
    : { ...request, outcome: "violation", category: draft.category, action: draft.close };
}
