import type { IncidentState, Person } from "../../review/contract/incident.ts";
import { stateText } from "../strings/severity.en.ts";
import "./marks.css";

const signs = { open: "○", assigned: "◐", escalated: "▲", closed: "✓" } satisfies Record<IncidentState, string>;

/** A sign and the word for an incident's state, with the initials of who holds it. */
export function StateMark({ state, holder }: { state: IncidentState; holder?: Person | null }) {
  return (
    <span class="state" data-state={state}>
      <span aria-hidden="true">{signs[state]}</span> {stateText[state]}
      {holder && state === "assigned" && (
        <>
          {" "}
          <abbr title={holder.name}>{holder.initials}</abbr>
        </>
      )}
    </span>
  );
}
