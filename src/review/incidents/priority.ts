/**
 * How urgent an incident is: points from 0 to 100, the sum of five terms that the moderator sees. The formula and the
 * reasons for its numbers stand in docs/review-priority.md.
 */
import type { Severity } from "../../capture/verdict.ts";
import type { IncidentKind, PriorityTerm } from "../contract/incident.ts";

/** What the priority of an incident follows from. Times are milliseconds since 1970. */
export interface PriorityFacts {
  kind: IncidentKind;
  severity: Severity;
  live: boolean;
  /** null: the platform tells none. */
  viewers: number | null;
  /** Earlier incidents of the streamer that moderators confirmed. */
  confirmed: number;
  openedAtMs: number;
  targetAtMs: number;
}

export interface Priority {
  /** 0 to 100, to one decimal: the sum of the terms. */
  points: number;
  terms: PriorityTerm[];
}

const severityPoints: Record<Severity, number> = { severe: 40, high: 25, medium: 12, low: 5 };
const livePoints = 20;
const viewersPoints = 18;
/** More viewers than these add nothing. */
const manyViewers = 100_000;
const historyPoints = 12;
/** So many confirmed incidents are worth half of the history's points. */
const halfHistory = 2;
const agePoints = 10;
/** With the history's 12 less than the 20 of a live stream: an ended one never passes a live one of its severity. */
const agePointsOfEnded = 7;

/**
 * The priority of an incident at `nowMs`. Pure; never less for a worse severity, a live stream, more viewers, more
 * confirmed incidents or a longer wait. A sampled incident has only its severity and its age: nobody is harmed
 * meanwhile.
 */
export function priorityOf(facts: PriorityFacts, nowMs: number): Priority {
  const terms = facts.kind === "sampled" ? [severity(facts), age(facts, nowMs)] : allTerms(facts, nowMs);
  return { points: rounded(terms.reduce((sum, { points }) => sum + points, 0)), terms };
}

const allTerms = (facts: PriorityFacts, nowMs: number) => [
  severity(facts),
  live(facts),
  viewers(facts),
  history(facts),
  age(facts, nowMs),
];

function severity(facts: PriorityFacts): PriorityTerm {
  return { name: "severity", points: severityPoints[facts.severity], why: facts.severity };
}

function live(facts: PriorityFacts): PriorityTerm {
  return facts.live
    ? { name: "live", points: livePoints, why: "the stream is live" }
    : { name: "live", points: 0, why: "the stream has ended" };
}

function viewers({ viewers: count, live: isLive }: PriorityFacts): PriorityTerm {
  if (!isLive) return { name: "viewers", points: 0, why: "nobody watches an ended stream" };
  if (count === null) return { name: "viewers", points: 0, why: "viewers are not known" };
  const share = Math.log1p(Math.max(0, count)) / Math.log1p(manyViewers);
  return { name: "viewers", points: rounded(viewersPoints * Math.min(1, share)), why: `${inWords(count)} watching` };
}

function history({ confirmed }: PriorityFacts): PriorityTerm {
  const points = rounded(historyPoints * (1 - 2 ** (-Math.max(0, confirmed) / halfHistory)));
  const why = confirmed > 0 ? `${inWords(confirmed)} confirmed before` : "none confirmed before";
  return { name: "history", points, why };
}

function age(facts: PriorityFacts, nowMs: number): PriorityTerm {
  const allowedMs = Math.max(1, facts.targetAtMs - facts.openedAtMs);
  const share = Math.min(1, Math.max(0, (nowMs - facts.openedAtMs) / allowedMs));
  const most = facts.live || facts.kind === "sampled" ? agePoints : agePointsOfEnded;
  const why = share >= 1 ? "past its target time" : `${Math.floor(share * 100)} % of its target time`;
  return { name: "age", points: rounded(most * share), why };
}

const rounded = (points: number) => Math.round(points * 10) / 10;
const inWords = (count: number) => count.toLocaleString("en");
