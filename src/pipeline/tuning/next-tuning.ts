/** What each kind of step makes of the tuning in force: the next version, and what the log says of it. Pure. */
import { type KnownLimits, mergeChange, onlyPauses, type TuningChange } from "./merge-change.ts";
import { changesBetween, type TunedStages, type Tuning, type TuningLogEntry } from "./tuning.ts";
import { TuningError } from "./tuning-error.ts";

export interface NextTuning {
  tuning: Tuning;
  entry: TuningLogEntry;
}

/** Who takes the step, why, and when. */
export interface Step {
  who: string;
  why: string;
  nowMs: number;
}

const longestReason = 500;
const trialLimitsMs = { min: 10_000, max: 3_600_000 };

/**
 * A change, for good or on trial. While a trial runs nothing can be changed, but pools can be paused and resumed: that
 * is for emergencies, and stays whatever becomes of the trial.
 * @throws TuningError `invalid-tuning`, `trial-running`
 */
export function changed(
  now: Tuning,
  { stages, trialMs, defaults }: { stages: TuningChange; trialMs?: number; defaults?: KnownLimits },
  step: Step,
): NextTuning {
  if (trialMs !== undefined && !(trialMs >= trialLimitsMs.min && trialMs <= trialLimitsMs.max))
    throw new TuningError("invalid-tuning", "a trial lasts from 10 seconds to an hour");
  const merged = mergeChange(now.stages, stages, defaults);
  if (changesBetween(now.stages, merged).length === 0)
    throw new TuningError("invalid-tuning", `nothing would change: version ${now.version} is so already`);
  if (now.trial) {
    if (trialMs !== undefined || !onlyPauses(stages)) throw trialRuns(now.trial.untilMs);
    const trial = { ...now.trial, before: mergeChange(now.trial.before, stages) };
    return next(now, { stages: merged, trial }, "change", step);
  }
  if (trialMs === undefined) return next(now, { stages: merged }, "change", step);
  return next(now, { stages: merged, trial: { untilMs: step.nowMs + trialMs, before: now.stages } }, "trial", step);
}

/** What is on trial stays. @throws TuningError `no-trial` */
export function kept(now: Tuning, step: Step): NextTuning {
  if (!now.trial) throw noTrial(now, "keep");
  return next(now, { stages: now.stages }, "keep", step);
}

/** What is on trial is taken back before its time. @throws TuningError `no-trial` */
export function reverted(now: Tuning, step: Step): NextTuning {
  if (!now.trial) throw noTrial(now, "revert");
  return next(now, { stages: now.trial.before }, "revert", step);
}

/** A trial whose time is over: `at` is what `tuningAt` made of `now`. */
export function ranOut(now: Tuning, at: Tuning): NextTuning {
  const step = { who: "timer", why: "the trial was not kept", nowMs: at.atMs };
  return next(now, { stages: at.stages }, "revert", step);
}

/** An earlier version is in force again, as a new one. @throws TuningError `invalid-tuning`, `trial-running` */
export function restored(
  now: Tuning,
  earlier: { version: number; stages: TunedStages },
  defaults: KnownLimits | undefined,
  step: Step,
): NextTuning {
  if (now.trial) throw trialRuns(now.trial.untilMs);
  const stages = mergeChange({}, earlier.stages, defaults);
  if (changesBetween(now.stages, stages).length === 0)
    throw new TuningError(
      "invalid-tuning",
      `nothing would change: version ${now.version} is as ${earlier.version} was`,
    );
  const { tuning, entry } = next(now, { stages }, "restore", step);
  return { tuning, entry: { ...entry, restores: earlier.version } };
}

/** What a running process knew is in force again after Redis had lost it, under its own version. */
export function putBack(found: Tuning | undefined, known: Tuning, nowMs: number): TuningLogEntry {
  return {
    version: known.version,
    atMs: nowMs,
    who: "system",
    why: "Redis had lost it; a running process knew it",
    kind: "restore",
    changes: changesBetween(found?.stages ?? {}, known.stages),
    stages: known.stages,
    trialUntilMs: known.trial?.untilMs,
    restores: known.version,
  };
}

function next(
  now: Tuning,
  { stages, trial }: Pick<Tuning, "stages" | "trial">,
  kind: TuningLogEntry["kind"],
  step: Step,
): NextTuning {
  const { why, nowMs } = step;
  const who = step.who.trim();
  const reason = why.trim();
  if (reason === "") throw new TuningError("invalid-tuning", "a reason is needed: say why, for those who read the log");
  if (reason.length > longestReason)
    throw new TuningError("invalid-tuning", `a reason has at most ${longestReason} characters`);
  if (who === "") throw new TuningError("invalid-tuning", "it must be said who makes the change");
  const version = now.version + 1;
  const changes = changesBetween(now.stages, stages);
  const trialUntilMs = kind === "trial" ? trial?.untilMs : undefined;
  return {
    tuning: { version, atMs: nowMs, stages, trial },
    entry: { version, atMs: nowMs, who, why: reason, kind, changes, stages, trialUntilMs },
  };
}

const trialRuns = (untilMs: number) =>
  new TuningError(
    "trial-running",
    `a trial runs until ${new Date(untilMs).toISOString()}: keep or revert it first (pools can be paused and resumed meanwhile)`,
  );

const noTrial = ({ version }: Tuning, what: string) =>
  new TuningError("no-trial", `there is nothing to ${what}: version ${version} is not on trial`);
