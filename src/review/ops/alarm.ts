/**
 * When a number is worth a person's eye. Pure. An alarm rises when its condition has held for a while, and goes when the
 * number has been clearly better for a while, so that one that wavers about its limit does not flicker:
 *
 *     quiet ──met for raiseMs──► raised ──cleared for clearMs──► quiet
 */
import { z } from "zod";
import type { Level } from "../contract/ops.ts";

const Alarm = z.object({
  raised: z.boolean(),
  /** Since when the condition holds without a break; of a raised alarm, since when it first did. */
  metSinceMs: z.number().nullable(),
  clearSinceMs: z.number().nullable(),
});
type Alarm = z.infer<typeof Alarm>;

/** What a number is now. Between `met` and `cleared` lies a band in which nothing changes. */
export interface Condition {
  met: boolean;
  cleared: boolean;
}

export interface Check {
  /** undefined: nothing is known, and so nothing changes. */
  condition: Condition | undefined;
  raiseMs: number;
  clearMs: number;
}

export type Checks = Partial<Record<"warning" | "breach", Check>>;
/** Of one number. */
export const Alarms = z.partialRecord(z.enum(["warning", "breach"]), Alarm);
export type Alarms = z.infer<typeof Alarms>;

const quiet: Alarm = { raised: false, metSinceMs: null, clearSinceMs: null };

function nextAlarm(before: Alarm = quiet, { condition, raiseMs, clearMs }: Check, nowMs: number): Alarm {
  if (!condition) return before;
  const { met, cleared } = condition;
  if (!before.raised) {
    const metSinceMs = met ? (before.metSinceMs ?? nowMs) : null;
    const raised = metSinceMs !== null && nowMs - metSinceMs >= raiseMs;
    return { raised, metSinceMs, clearSinceMs: null };
  }
  const clearSinceMs = cleared ? (before.clearSinceMs ?? nowMs) : null;
  if (clearSinceMs !== null && nowMs - clearSinceMs >= clearMs) return quiet;
  return { ...before, clearSinceMs };
}

export interface Judged {
  level: Level;
  /** How long it has been so bad; 0 where all is normal. */
  forMs: number;
  alarms: Alarms;
}

/** The level of one number after its checks. */
export function judge(before: Alarms | undefined, checks: Checks, nowMs: number): Judged {
  const next = (name: "warning" | "breach") =>
    checks[name] ? nextAlarm(before?.[name], checks[name], nowMs) : undefined;
  const [warning, breach] = [next("warning"), next("breach")];
  const alarms = { ...(warning && { warning }), ...(breach && { breach }) };
  const worst = breach?.raised ? breach : warning?.raised ? warning : undefined;
  const level = breach?.raised ? "breach" : warning?.raised ? "warning" : "normal";
  return { level, forMs: worst?.metSinceMs == null ? 0 : nowMs - worst.metSinceMs, alarms };
}

/** `value` over `limit` is met; below nine tenths of it, cleared. */
export function over(value: number | null, limit: number): Condition | undefined {
  return value === null ? undefined : { met: value > limit, cleared: value < 0.9 * limit };
}

/** For conditions without a number to be clearly better by. */
export const plain = (met: boolean): Condition => ({ met, cleared: !met });

/** The worst of several levels. */
export function worstOf(levels: readonly Level[]): Level {
  if (levels.includes("breach")) return "breach";
  return levels.includes("warning") ? "warning" : "normal";
}
