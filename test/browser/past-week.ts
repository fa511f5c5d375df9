import type { Severity } from "../../src/capture/verdict.ts";
import type { PersonActor } from "../../src/review/access/actor.ts";
import type { IncidentKind } from "../../src/review/contract/incident.ts";
import { addDecision, addFrames, addIncident } from "../review-rows.ts";
import type { Site } from "./site.ts";

interface Kind {
  category: string;
  severity: Severity;
  kind?: IncidentKind;
  /** On each of the seven days. */
  aDay: number;
  confirmedOf10: number;
  /** How long people wait for it, and how long it takes them. */
  waitingMs: number;
  handlingMs: number;
}

const kinds: readonly Kind[] = [
  { category: "pornography", severity: "severe", aDay: 14, confirmedOf10: 9, waitingMs: 21_000, handlingMs: 14_000 },
  { category: "drawn-pornography", severity: "high", aDay: 9, confirmedOf10: 7, waitingMs: 64_000, handlingMs: 11_000 },
  { category: "suggestive", severity: "low", aDay: 6, confirmedOf10: 5, waitingMs: 480_000, handlingMs: 6_000 },
  {
    category: "pornography",
    severity: "severe",
    kind: "sampled",
    aDay: 8,
    confirmedOf10: 1,
    waitingMs: 900_000,
    handlingMs: 5_000,
  },
];
const targetMs = { low: 3_600_000, medium: 900_000, high: 300_000, severe: 120_000 } satisfies Record<Severity, number>;
const dayMs = 86_400_000;
const betweenMs = 1_700_000;
const pipelineMs = 900;

/** Decisions of the last seven days, most of them in time, by turns of these people. */
export async function fillPastWeek(site: Site, people: readonly PersonActor[]): Promise<void> {
  const nowMs = site.context.now();
  for (let day = 0; day < 7; day += 1)
    for (const kind of kinds)
      for (let at = 0; at < kind.aDay; at += 1) {
        const by = people[(day + at) % people.length];
        if (by) await addDecided(site, kind, by, { day, at, takenAtMs: nowMs - day * dayMs - (at + 1) * betweenMs });
      }
}

async function addDecided(
  { context }: Site,
  { category, severity, kind = "flagged", confirmedOf10, waitingMs, handlingMs }: Kind,
  by: PersonActor,
  { day, at, takenAtMs }: { day: number; at: number; takenAtMs: number },
): Promise<void> {
  const uneven = ((day * 5 + at * 7) % 11) / 5;
  const confirmed = (day * 3 + at * 7) % 10 < confirmedOf10;
  const ownHandlingMs = handlingMs * (0.5 + uneven / 2);
  const openedAtMs = takenAtMs + pipelineMs * (0.6 + uneven / 2);
  const shownAt = new Date(openedAtMs + waitingMs * (0.3 + uneven));
  const decidedAt = new Date(shownAt.getTime() + ownHandlingMs);
  const incident = await addIncident(context, {
    stream_id: String(2_000 + ((day * 137 + at * 271 + handlingMs) % 7_000)),
    category,
    severity,
    kind,
    state: "closed",
    opened_at: new Date(openedAtMs),
    first_captured_at: new Date(takenAtMs),
    last_flagged_at: new Date(takenAtMs),
    target_at: new Date(openedAtMs + targetMs[severity]),
    closed_at: decidedAt,
  });
  const seen = { captured_at: new Date(takenAtMs), decided_at: new Date(openedAtMs), score: 0.9, kind };
  await addFrames(context, incident, [seen]);
  const judgement = confirmed
    ? { outcome: "violation" as const, category, action: severity === "severe" ? "end-stream" : "warn" }
    : { outcome: "no-violation" as const };
  await addDecision(
    context,
    incident,
    by,
    { ...judgement, decided_at: decidedAt, send_at: decidedAt, handling_ms: Math.round(ownHandlingMs) },
    shownAt,
  );
}
