import { type Severity, severities } from "../../capture/verdict.ts";
import type { Retention } from "../contract/admin.ts";
import type { IncidentKind } from "../contract/incident.ts";

const dayMs = 86_400_000;

/** Incidents whose pictures are kept equally long after they were closed. */
export interface KeptAlike {
  kind: IncidentKind;
  severity: Severity;
  keptMs: number;
}

/** How long the pictures of each kind of incident are kept. A day has 24 hours here, whatever the clocks do. */
export function keepingTimes(retention: Retention): KeptAlike[] {
  return severities.flatMap((severity) => [
    { kind: "flagged", severity, keptMs: retention[severity] * dayMs } as const,
    { kind: "sampled", severity, keptMs: retention.sampled * dayMs } as const,
  ]);
}
