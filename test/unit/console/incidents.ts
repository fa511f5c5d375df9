import type { Claim, Hold } from "../../../src/review/contract/hold.ts";
import type { DecisionView, Frame, Incident } from "../../../src/review/contract/incident.ts";

export const startMs = Date.parse("2026-03-01T12:00:00Z");
const iso = (ms: number) => new Date(startMs + ms).toISOString();

export const frameOf = (number: number, score: number | null, change: Partial<Frame> = {}): Frame => ({
  captureId: `capture-${number}`,
  number,
  kind: "flagged",
  capturedAt: iso(number * 1_000),
  score,
  findings: [],
  picture: "available",
  thumbnail: "available",
  width: 1280,
  height: 720,
  imageUri: null,
  ...change,
});

export function incidentOf(id: number, change: Partial<Incident> = {}): Incident {
  const frames = change.frames ?? [frameOf(1, 0.7), frameOf(2, 0.9), frameOf(3, 0.8)];
  return {
    id,
    stream: {
      streamId: `stream-${id}`,
      title: null,
      streamerId: null,
      live: true,
      viewers: 10,
      startedAt: null,
      endedAt: null,
    },
    category: "nudity",
    kind: "flagged",
    severity: "severe",
    state: "assigned",
    openedAt: iso(0),
    lastFlaggedAt: iso(3_000),
    targetAt: iso(120_000),
    targetMs: 120_000,
    frameCount: frames.length,
    flaggedCount: frames.length,
    peakScore: 0.9,
    model: "nsfw",
    modelVersion: "1",
    policyVersion: "14",
    priority: 60,
    holder: null,
    legalHold: false,
    changedAt: iso(0),
    priorityTerms: [],
    frames,
    newestFrame: Math.max(...frames.map(({ number }) => number)),
    trigger: "capture-1",
    history: { confirmed: 0, dismissed: 0 },
    earlier: [],
    escalation: null,
    linkedTo: null,
    linkedFrom: [],
    decisions: [],
    ...change,
  };
}

export const holdOf = (token: number, change: Partial<Hold> = {}): Hold => ({
  token,
  slot: "current",
  expiresAt: iso(120_000),
  incident: incidentOf(token * 10),
  ...change,
});

export const claimOf = (current: Hold | null, standby: Hold | null): Claim => ({
  current,
  standby,
  waiting: { count: 3, oldestSevereAt: null, lastArrivedAt: null, flood: null },
  budget: null,
  serverTime: iso(0),
});

export const decisionOf = (incidentId: number, change: Partial<DecisionView> = {}): DecisionView => ({
  id: `decision-${incidentId}`,
  incidentId,
  streamId: `stream-${incidentId}`,
  by: { id: "u1", name: "P. One", initials: "PO" },
  outcome: "violation",
  category: "nudity",
  action: "warn",
  note: "",
  seenThrough: 3,
  withoutPicture: false,
  decidedAt: iso(0),
  sendAt: iso(10_000),
  sentAt: null,
  undoneAt: null,
  ...change,
});
