import type { Severity } from "../../capture/verdict.ts";
import type { IncidentState } from "../../review/contract/incident.ts";

export const severityText = {
  low: "Low",
  medium: "Medium",
  high: "High",
  severe: "Severe",
} satisfies Record<Severity, string>;

export const stateText = {
  open: "open",
  assigned: "held",
  escalated: "escalated",
  closed: "closed",
} satisfies Record<IncidentState, string>;
