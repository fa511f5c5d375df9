import type { z } from "zod";
import type { Failures, RedriveAnswer, RedriveScope } from "../../review/contract/ops-failures.ts";
import { counted, formatNumber, formatShare, plainName } from "./format.en.ts";

const captures = (count: number) => counted(count, "capture", "captures");

/** Texts of failures, the captures that failed, and sending them through again. */
export const opsFailureText = {
  title: "Failures",
  failed: "The failures could not be read.",
  sentence: ({ reasons, verdicts }: z.infer<typeof Failures>) => {
    const [five, hour] = (["fiveMinutes", "hour"] as const).map((span) =>
      reasons.reduce((sum, one) => sum + one[span], 0),
    );
    if (!hour) return "Nothing failed in the last hour.";
    const share = verdicts.hour === 0 ? "" : `, ${formatShare(hour / verdicts.hour)} of all`;
    return `${captures(hour)} failed in the last hour${share}; ${formatNumber(five ?? 0)} in the last five minutes.`;
  },
  reason: "Reason",
  words: "Means",
  fiveMinutes: "5 min",
  hour: "1 h",
  show: "Show",
  captures: "captures",
  showOf: (reason: string) => `Show captures of ${reason}`,
  listFailed: "The captures could not be read.",
  none: "No unprocessable capture is remembered.",
  noneOf: (reason: string) => `No capture of ${reason} is remembered.`,
  showAll: "Show all reasons",
  recent: (total: number) => `Unprocessable: ${formatNumber(total)}`,
  recentOf: (total: number, reason: string) => `Unprocessable, ${reason}: ${formatNumber(total)}`,
  older: "Older",
  noPicture: "no picture kept",
  forModerators: "pictures are for moderators",
  noStream: "no valid capture",
  stream: "stream",
  redriveOf: "Redrive of",
  redriven: (at: string) => `Redriven ${at} by`,
  cannot: (why: string) => `Cannot be redriven: ${plainName(why)}`,
  choose: "Choose",
  chooseOf: (captureId: string) => ` ${plainName(captureId)}`,
  covered: (captureId: string) => `Picture of ${plainName(captureId)}, covered. Hold to look.`,
  shown: (captureId: string) => `Picture of ${plainName(captureId)}, shown`,
  hold: "Hold to look",
  loading: "on its way",
  unreadable: "This picture cannot be read.",
  redrive: (chosen: number, reason: string | null) => {
    if (chosen > 0) return `Redrive ${formatNumber(chosen)} chosen…`;
    return reason === null ? "Redrive all…" : `Redrive all of ${reason}…`;
  },
  redriveTitle: "Redrive captures",
  redriveSubmit: (count: number | null) => (count === null ? "Redrive" : `Redrive ${formatNumber(count)}`),
  scope: (scope: RedriveScope) => {
    if (scope.kind === "some") return `Scope: the ${captures(scope.ids.length)} that you chose.`;
    return scope.kind === "reason"
      ? `Scope: all captures of ${plainName(scope.reason)}.`
      : "Scope: all captures, of every reason.";
  },
  counting: "Counting what is in the scope…",
  previewFailed: "What is in the scope is not known.",
  nothingToRedrive: "Nothing in the scope can be redriven.",
  typeCount: (count: number) => `Type ${formatNumber(count)} to go on`,
  alsoLate: "Also those past their deadline; they get a new one",
  ofReason: (reason: string, count: number) => `${plainName(reason)}: ${formatNumber(count)}`,
  late: (count: number) => `${captures(count)} past the deadline`,
  before: (count: number) => `${captures(count)} redriven before`,
  cannotOf: (count: number) => `${captures(count)} cannot be redriven: no valid capture, or too large to be remembered`,
  doneTitle: "Redriven",
  done: ({ published, failed }: RedriveAnswer) =>
    failed === 0
      ? `${captures(published)} on the way through the pipeline again.`
      : `${captures(published)} on the way again; ${formatNumber(failed)} were not taken by Pub/Sub and can be redriven again.`,
};
