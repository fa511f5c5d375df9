import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { Incident } from "../../../review/contract/incident.ts";
import { RequestError } from "../../api/request-error.ts";
import { escalate, reopenIncident, setLegalHold, takeIncident } from "../../api/review-api.ts";
import { NoteDialog } from "../../components/note-dialog.tsx";
import { me } from "../../session/me.ts";
import { announce } from "../../shell/announce.tsx";
import { pages } from "../../shell/pages.ts";
import { incidentText } from "../../strings/incident.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { CopyLink } from "./copy-link.tsx";
import { actsOn, type IncidentAct } from "./incident-acts.ts";

type Noted = keyof typeof incidentText.dialog;
const buttons: Record<IncidentAct, string> = {
  take: incidentText.take,
  "take-over": incidentText.takeOver,
  continue: incidentText.continue,
  escalate: incidentText.escalate,
  reopen: incidentText.reopen,
  hold: incidentText.legalHoldSet,
  lift: incidentText.legalHoldLift,
};

/** What the person may do with the incident; each changes it for everybody, so none is done before the server says so. */
export function ActBar({ incident, onChanged }: { incident: Incident; onChanged: () => void }) {
  const { route } = useLocation();
  const [dialog, setDialog] = useState<Noted | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const person = me.value?.user;
  if (!person) return null;
  const take = async (takeOver: boolean) => {
    try {
      await takeIncident(incident.id, takeOver);
      route(pages.review.path);
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : shellText.unexpected);
      onChanged();
    }
  };
  const press = (act: IncidentAct) => {
    setProblem(null);
    if (act === "continue") return route(pages.review.path);
    if (act === "take" || act === "take-over") return take(act === "take-over");
    setDialog(act);
  };
  const submit = (act: Noted) => async (note: string) => {
    await noted[act](incident.id, note);
    setDialog(null);
    announce(incidentText.done[act]);
    onChanged();
  };
  return (
    <section class="row" aria-label={incidentText.actions}>
      {actsOn(incident, person).map((act) => (
        <button key={act} type="button" onClick={() => press(act)}>
          {buttons[act]}
        </button>
      ))}
      <CopyLink />
      {problem && (
        <p role="alert">
          {incidentText.actFailed} {problem}
        </p>
      )}
      {dialog && (
        <NoteDialog {...incidentText.dialog[dialog]} onSubmit={submit(dialog)} onClose={() => setDialog(null)} />
      )}
    </section>
  );
}

const noted: Record<Noted, (id: number, note: string) => Promise<void>> = {
  reopen: reopenIncident,
  hold: (id, note) => setLegalHold(id, true, note),
  lift: (id, note) => setLegalHold(id, false, note),
  // Only who holds an incident can pass it on.
  escalate: async (id, note) => {
    const { token } = await takeIncident(id, false);
    await escalate(id, token, note, crypto.randomUUID());
  },
};
