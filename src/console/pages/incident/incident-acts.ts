/** What a person may do with an incident outside of Review, by its state, their role and who holds it. */
import type { Role } from "../../../review/access/roles.ts";
import type { IncidentSummary } from "../../../review/contract/incident.ts";

export type IncidentAct = "take" | "take-over" | "continue" | "escalate" | "reopen" | "hold" | "lift";

type Facts = Pick<IncidentSummary, "state" | "holder" | "legalHold"> & { escalation: object | null };

/** In the order of their buttons; the server checks each again. */
export function actsOn(incident: Facts, person: { id: string; role: Role }): IncidentAct[] {
  const lead = person.role === "lead" || person.role === "admin";
  const moderator = lead || person.role === "moderator";
  const { state, holder } = incident;
  const closed = state === "closed";
  const mine = holder?.id === person.id;
  const mayHold = moderator && !closed && (incident.escalation === null || lead);
  const found: [IncidentAct, boolean][] = [
    ["take", mayHold && holder === null],
    ["take-over", mayHold && lead && holder !== null && !mine],
    ["continue", mayHold && mine],
    ["escalate", mayHold && incident.escalation === null && (holder === null || mine)],
    ["reopen", lead && closed],
    ["hold", lead && !incident.legalHold],
    ["lift", lead && incident.legalHold],
  ];
  return found.filter(([, may]) => may).map(([act]) => act);
}
