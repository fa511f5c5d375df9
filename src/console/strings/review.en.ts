import type { Severity } from "../../capture/verdict.ts";
import type { BudgetNotice } from "../../review/contract/hold.ts";
import type { Incident, Person } from "../../review/contract/incident.ts";
import type { Action } from "../../review/contract/me.ts";
import type { SkipReason } from "../api/review-api.ts";
import type { Act, EndedBy, Judgement } from "../pages/review/session/review-state.ts";
import {
  counted,
  formatCountdown,
  formatElapsed,
  formatMinute,
  formatNumber,
  formatScore,
  formatTime,
  plainName,
} from "./format.en.ts";
import { severityText } from "./severity.en.ts";

const noViolation = "No violation";

/** "Warned 7120": what was done, for lists and announcements. */
function done(judgement: Judgement, streamId: string, actions: readonly Action[]): string {
  const stream = plainName(streamId);
  if (judgement.outcome === "no-violation") return `${noViolation}: ${stream}`;
  const action = actions.find(({ id }) => id === judgement.action);
  return `${action?.done ?? judgement.action} ${stream}`;
}

export const reviewText = {
  title: "Review",
  noViolation,
  done,
  act: (act: Act, streamId: string, actions: readonly Action[]) =>
    act.kind === "decision"
      ? done(act.body, streamId, actions)
      : act.kind === "escalation"
        ? `Escalated ${plainName(streamId)}`
        : `Skipped ${plainName(streamId)}`,
  headline: (incident: Incident) => {
    const sustained = incident.frames.flatMap(({ findings }) => findings).find(({ rule }) => rule === "sustained");
    const over = sustained?.sustained;
    return [
      plainName(incident.category) + (over ? " · sustained" : ""),
      over && sustained ? `${over.over} of ${over.of} frames over ${formatScore(sustained.threshold)}` : null,
      incident.kind === "sampled" ? "drawn at random" : null,
      `peak ${formatScore(incident.peakScore)}`,
    ]
      .filter(Boolean)
      .join(" · ");
  },
  next: (severity: Severity, category: string, place: number, of: number, covered: boolean) =>
    `Next: ${severityText[severity].toLowerCase()}, ${plainName(category)}, frame ${place} of ${of}, ${covered ? "covered" : "not covered"}.`,
  nothingNext: "Nothing waiting.",
  region: "Picture and frames",
  frame: (place: number, of: number, time: string, finding: string) => `Frame ${place} of ${of} · ${time} · ${finding}`,
  finding: (category: string, score: number | null, threshold: number | null) =>
    [
      plainName(category),
      score === null ? "" : formatScore(score),
      threshold === null ? "" : `≥ ${formatScore(threshold)}`,
    ]
      .filter(Boolean)
      .join(" "),
  lookHold: (key: string) => `Hold ${key} to look · Esc covers`,
  lookPress: (key: string) => `Press ${key} to look · Esc covers`,
  lookTouch: "Press and hold the picture to look",
  look: "Look",
  size: "Size",
  retryPicture: "Fetch again",
  restrictedTitle: "This picture is restricted by law",
  restrictedWords: "Say why it must be opened. The log keeps who opened it, when, and why.",
  restrictedReason: "Reason",
  restrictedOpen: "Open",
  clocks: {
    hold: "Hold",
    target: "Target",
    of: (total: string) => `of ${total}`,
    late: (by: string) => `${by} late`,
    holdSpoken: (seconds: number) => `Your hold ends in ${seconds} seconds.`,
  },
  facts: {
    label: "Facts",
    stream: "Stream",
    live: (since: string | null) => (since ? `live ${since}` : "live"),
    liveFor: (ms: number) => formatElapsed(ms),
    ended: (ago: string) => `ended ${ago} ago`,
    watching: (viewers: number) => `${formatNumber(viewers)} watching`,
    priority: "Priority",
    points: (points: number) => formatNumber(Math.round(points)),
    term: (why: string, points: number) =>
      `${why} ${points >= 0 ? "+" : "−"}${formatNumber(Math.abs(Math.round(points)))}`,
    found: "Found",
    model: (model: string, version: string, policy: string) => `${model}@${version} · policy ${policy}`,
    policy: "Policy",
    counts: "Counts",
    doesNotCount: "Does not count",
    noWords: "The policy has no words for this category.",
    history: "History",
    earlier: (confirmed: number, dismissed: number) =>
      confirmed + dismissed === 0
        ? "Nothing before"
        : `${formatNumber(confirmed)} confirmed, ${formatNumber(dismissed)} dismissed`,
    note: "Note",
    noteHint: "Goes with your decision",
    linked: (id: number) => `Goes on from #${id}`,
    escalated: (by: string, note: string) => `${plainName(by)} escalated: ${note}`,
    lastTen: "My last ten",
    none: "None yet",
    incident: "Incident",
  },
  joined: (count: number, peak: number | null) =>
    `${counted(count, "frame", "frames")} joined${peak === null ? "" : `, peak ${formatScore(peak)}`}`,
  actions: {
    label: "Decide",
    severe: (label: string) => `${label}…`,
    category: (category: string) => `Category: ${plainName(category)}`,
    escalate: "Escalate",
    skip: "Skip",
    forRole: (role: string) => `Only for ${role}s.`,
    mutedBy: "Keys rest",
  },
  choose: { category: "Category", skip: "Skip because" },
  skipReasons: {
    unsure: "I am unsure",
    language: "I do not know the language",
    "too-hard": "It is too hard for me",
    "know-them": "I know them",
  } satisfies Record<SkipReason, string>,
  escalate: {
    title: "Escalate to a lead",
    note: "What should the lead know?",
    send: "Escalate",
    hint: (key: string) => `${key} sends`,
  },
  undo: {
    label: "Undo",
    saving: "saving",
    waiting: "kept here, goes when the server is back",
    goesOutIn: (ms: number) => `goes out in ${formatCountdown(ms)}`,
    sent: (at: string) => `sent ${formatTime(at)}`,
    undone: "undone",
    refused: "not applied",
    undo: "undo",
    wanted: "will be taken back",
  },
  armed: (label: string, streamId: string) => `${label}: ${plainName(streamId)}`,
  armedNoViolation: (streamId: string) => `${noViolation}: ${plainName(streamId)}`,
  armedWithoutPicture: "without picture",
  armedHint: (ms: number) => `Enter, within ${formatCountdown(ms)}`,
  undone: (streamId: string) => `Taken back: ${plainName(streamId)} is before you again.`,
  undoneElsewhere: (streamId: string, holder: string | null) =>
    holder
      ? `Taken back. ${plainName(holder)} has ${plainName(streamId)} now.`
      : `Taken back. ${plainName(streamId)} waits for somebody again.`,
  undoFailed: (why: string) => `Not taken back. ${why}`,
  refusedUnexpectedly: "The server did not take it.",
  notApplied: {
    title: "Not applied",
    read: "Read",
    at: (time: string) => formatTime(time),
  },
  ended: {
    title: {
      expired: (at: string) => `Your hold ended at ${formatTime(at)}.`,
      released: (at: string) => `Your hold ended at ${formatTime(at)}.`,
      "taken-over": (_at: string, holder: Person | null) =>
        holder ? `${plainName(holder.name)} took this over.` : "Somebody took this over.",
    } satisfies Record<EndedBy, (at: string, holder: Person | null) => string>,
    kept: "Your note is kept.",
    next: "Next",
    again: "Take again, if free",
  },
  lost: {
    words: "Connection lost.",
    hold: (ms: number) => `Your hold lasts ${formatCountdown(ms)} more.`,
    after: "What you decide is kept here and sent when the server is back.",
    none: "Nothing more can be decided until the server is back.",
  },
  stillThere: { words: "Still there?", hint: "Move or press anything to keep your hold.", yes: "I am here" },
  budget: (budget: BudgetNotice) =>
    `Your limit for severe pictures is reached until ${formatMinute(budget.until)}: you get milder ones, or take a break.`,
  breakOffer: {
    words: (minutes: number) => `You have looked for ${minutes} minutes. Time for a break?`,
    take: "Take a break",
    later: "Later",
  },
  onBreak: {
    title: "On a break",
    words: "Nothing is held for you and nothing will come until you go on.",
    goOn: "Go on",
  },
  elsewhere: {
    title: "Review is open in another tab",
    words: "One tab of this browser reviews at a time.",
    move: "Move it here",
  },
  empty: {
    title: "Nothing waiting",
    last: (ago: string) => `The last one came ${ago} ago.`,
    words: "The next one comes by itself, covered.",
    forOthers: (count: number) =>
      `${counted(count, "incident waits", "incidents wait")} for others: skipped by you, or for leads.`,
  },
  failed: "Review could not start.",
};
