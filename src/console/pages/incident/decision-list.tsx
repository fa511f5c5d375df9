import type { DecisionView } from "../../../review/contract/incident.ts";
import { PlainName } from "../../components/plain-name.tsx";
import { me } from "../../session/me.ts";
import { incidentText } from "../../strings/incident.en.ts";

/** What was decided, with its note, and whether the platform has it. */
export function DecisionList({ decisions }: { decisions: readonly DecisionView[] }) {
  return (
    <section class="card stack">
      <h2>{incidentText.decisions}</h2>
      {decisions.length === 0 && <p class="muted">{incidentText.noDecisions}</p>}
      <ul class="bare stack">
        {decisions.map((decision) => (
          <li key={decision.id} class="stack decision" data-undone={decision.undoneAt !== null}>
            <p>
              <strong>{incidentText.decision(decision, me.value?.actions ?? [])}</strong>
              {" · "}
              {sentWords(decision)}
            </p>
            <p class="muted small">
              {incidentText.decidedBy(decision.by.name, decision.decidedAt)} ·{" "}
              {incidentText.seenThrough(decision.seenThrough)}
              {decision.withoutPicture && ` · ${incidentText.withoutPicture}`}
            </p>
            {decision.note !== "" && (
              <p class="decision-note">
                <PlainName>{decision.note}</PlainName>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function sentWords({ undoneAt, sentAt, sendAt }: DecisionView): string {
  if (undoneAt) return incidentText.undone(undoneAt);
  return sentAt ? incidentText.sent(sentAt) : incidentText.goesOut(sendAt);
}
