import { useEffect, useState } from "preact/hooks";
import type { UserView } from "../../../review/contract/admin.ts";
import type { IncidentSummary } from "../../../review/contract/incident.ts";
import { readUsers } from "../../api/admin-api.ts";
import { RequestError } from "../../api/request-error.ts";
import { assignIncidents } from "../../api/review-api.ts";
import { Dialog } from "../../components/dialog.tsx";
import { plainName } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { BulkResult } from "./bulk-result.tsx";

interface Props {
  incidents: readonly IncidentSummary[];
  onDone: () => void;
  onCancel: () => void;
}

/** What the API takes at once. */
const mostAtOnce = 500;

type Outcome = Awaited<ReturnType<typeof assignIncidents>>;

/** Gives the selected incidents to a person. Leads are told who is at their limit, and nothing else of it. */
export function AssignDialog({ incidents, onDone, onCancel }: Props) {
  const [people, setPeople] = useState<UserView[]>([]);
  const [userId, setUserId] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [sending, setSending] = useState(false);
  useEffect(() => {
    readUsers().then(
      (users) => setPeople(users.filter(({ role, disabled }) => role !== "viewer" && !disabled)),
      (error) => setProblem(`${queueText.peopleFailed} ${messageOf(error)}`),
    );
  }, []);
  const tooMany = incidents.length > mostAtOnce;
  const inert = userId === "" || sending || tooMany;
  const submit = async () => {
    if (inert) return;
    setSending(true);
    try {
      setOutcome(
        await assignIncidents(
          incidents.map(({ id }) => id),
          userId,
        ),
      );
    } catch (error) {
      setProblem(`${queueText.assignFailed} ${messageOf(error)}`);
    }
    setSending(false);
  };
  const title = queueText.assignTitle(incidents.length);
  if (outcome)
    return (
      <Dialog title={title} onClose={onDone}>
        <BulkResult done={queueText.assignDone(outcome.assigned.length)} refused={outcome.refused} />
      </Dialog>
    );
  return (
    <Dialog
      title={title}
      onClose={onCancel}
      actions={
        <>
          <button type="button" onClick={onCancel}>
            {shellText.cancel}
          </button>
          <button type="button" class="primary" aria-disabled={inert} onClick={submit}>
            {queueText.assignSubmit}
          </button>
        </>
      }
    >
      <p>{queueText.assignWords}</p>
      <label class="above">
        {queueText.assignTo}
        <select value={userId} onChange={(event) => setUserId(event.currentTarget.value)}>
          <option value="">{queueText.choose}</option>
          {people.map(({ id, name, atLimit }) => (
            <option key={id} value={id}>
              {atLimit ? queueText.atLimit(plainName(name)) : plainName(name)}
            </option>
          ))}
        </select>
      </label>
      {tooMany && <p role="alert">{queueText.assignMost(mostAtOnce)}</p>}
      {problem && <p role="alert">{problem}</p>}
    </Dialog>
  );
}

const messageOf = (error: unknown) => (error instanceof RequestError ? error.message : shellText.unexpected);
