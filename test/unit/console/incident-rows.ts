import type { IncidentSummary } from "../../../src/review/contract/incident.ts";

/** A row of the Queue; what a test is about is given, the rest is ordinary. */
export function incidentRow(id: number, facts: Partial<IncidentSummary> = {}): IncidentSummary {
  return {
    id,
    stream: {
      streamId: `stream-${id}`,
      title: null,
      streamerId: null,
      live: true,
      viewers: 12,
      startedAt: null,
      endedAt: null,
    },
    category: "nudity",
    kind: "flagged",
    severity: "high",
    state: "open",
    openedAt: "2026-11-20T10:00:00.000Z",
    lastFlaggedAt: "2026-11-20T10:00:10.000Z",
    targetAt: "2026-11-20T10:05:00.000Z",
    targetMs: 300_000,
    frameCount: 3,
    flaggedCount: 1,
    peakScore: 0.93,
    model: "nsfw",
    modelVersion: "1",
    policyVersion: "14",
    priority: 50,
    holder: null,
    legalHold: false,
    changedAt: "2026-11-20T10:00:10.000Z",
    ...facts,
  };
}
