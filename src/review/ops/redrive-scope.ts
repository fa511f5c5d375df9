/** Which captures a redrive would publish again, and why others would not be. Pure. */
import { Capture } from "../../capture/capture.ts";
import { redriven } from "../../capture/redrive.ts";
import type { Unprocessable } from "../../pipeline/unprocessable.ts";
import type { RedrivePreview, RedriveScope } from "../contract/ops-failures.ts";

export interface Redrivable {
  failure: Unprocessable;
  /** As it is published. */
  capture: Capture;
}

export interface RedrivePlan {
  publish: Redrivable[];
  preview: RedrivePreview;
}

export interface RedriveFacts {
  scope: RedriveScope;
  pastDeadline: "redrive" | "skip";
  /** What failed later is left out. */
  asOfMs: number;
  /** Ids of failures that were redriven before. */
  redrivenBefore: ReadonlySet<string>;
  deadlineMs: number;
  nowMs: number;
}

/** @param failures all that are remembered */
export function planRedrive(failures: readonly Unprocessable[], facts: RedriveFacts): RedrivePlan {
  const { pastDeadline, asOfMs, redrivenBefore, deadlineMs, nowMs } = facts;
  const inScope = failures.filter((failure) => failure.failedAtMs <= asOfMs && isIn(facts.scope, failure));
  const before = inScope.filter(({ id }) => redrivenBefore.has(id));
  const open = inScope.filter(({ id }) => !redrivenBefore.has(id));
  const able = open.flatMap((failure): Redrivable[] => {
    const capture = captureOf(failure);
    return typeof capture === "string" ? [] : [{ failure, capture }];
  });
  const isLate = ({ capture }: Redrivable) => nowMs - Date.parse(capture.capturedAt) > deadlineMs;
  const late = able.filter(isLate);
  const publish = pastDeadline === "skip" ? able.filter((each) => !isLate(each)) : able;
  const taken = publish.map(({ capture }) => capture.capturedAt).sort((a, b) => Date.parse(a) - Date.parse(b));
  const preview = {
    asOf: new Date(asOfMs).toISOString(),
    count: publish.length,
    pastDeadline: late.length,
    redrivenBefore: before.length,
    cannot: open.length - able.length,
    reasons: countBy(publish.map(({ failure }) => failure.reason)),
    oldestCapturedAt: taken[0] ?? null,
    newestCapturedAt: taken.at(-1) ?? null,
  };
  const streams = new Set(publish.map(({ capture }) => capture.streamId)).size;
  return { publish, preview: { ...preview, words: inWords(preview, streams, pastDeadline) } };
}

/** The capture to publish, or why there is none. */
export function captureOf(failure: Unprocessable): Capture | string {
  const { captureId, streamId, capturedAt, imageUri, attributes, failedAtMs } = failure;
  if (attributes === null) return "Its attributes are too large to be remembered: publish it again where it came from.";
  const parsed = Capture.safeParse({ captureId, streamId, capturedAt, imageUri, attributes });
  if (!parsed.success) return "It is no valid capture.";
  // The mark is one more attribute, and it must have room.
  const again = Capture.safeParse(redriven(parsed.data, failedAtMs));
  return again.success ? again.data : "It has as many attributes as a capture may have: there is no room for the mark.";
}

function isIn(scope: RedriveScope, { id, reason }: Unprocessable): boolean {
  if (scope.kind === "some") return scope.ids.includes(id);
  return scope.kind === "all" || scope.reason === reason;
}

function inWords(preview: Omit<RedrivePreview, "words">, streams: number, pastDeadline: "redrive" | "skip"): string {
  const { count, pastDeadline: late, redrivenBefore, cannot } = preview;
  const left = [
    late > 0 && pastDeadline === "skip" && `${late} too late for their deadline`,
    redrivenBefore > 0 && `${redrivenBefore} redriven before`,
    cannot > 0 && `${cannot} that cannot be`,
  ].filter(Boolean);
  const rest = left.length > 0 ? ` Left out: ${left.join(", ")}.` : "";
  if (count === 0) return `Nothing would be redriven.${rest}`;
  const fresh =
    late > 0 && pastDeadline === "redrive" ? ` ${late} of them are past their deadline and get a new one.` : "";
  return `${amount(count, "capture")} of ${amount(streams, "stream")} ${count === 1 ? "goes" : "go"} through the whole pipeline again, each under a new id.${fresh}${rest}`;
}

const amount = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

export function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
