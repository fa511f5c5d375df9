import { incidentEvents, type Place, transition } from "../../src/review/incidents/state-machine.ts";

const start: Place = { state: "open", escalated: false };

/** The states of an incident and what leads from one to the next, as a Mermaid chart, for docs/review.md. */
export function incidentChart(): string {
  const labels = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const waiting = [start];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    if (seen.has(JSON.stringify(place))) continue;
    seen.add(JSON.stringify(place));
    for (const event of incidentEvents) {
      const to = transition(place, event);
      if (!to) continue;
      waiting.push(to);
      const edge = `${place.state} --> ${to.state}`;
      labels.set(edge, (labels.get(edge) ?? new Set()).add(event));
    }
  }
  const lines = [...labels].map(([edge, events]) => `  ${edge}: ${[...events].join(", ")}`);
  return ["```mermaid", "stateDiagram-v2", `  [*] --> ${start.state}`, ...lines.toSorted(), "```"].join("\n");
}
