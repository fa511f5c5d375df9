/** What `briareus tune` is asked to do. Pure. */
import type { StageName } from "../pipeline/stages.ts";
import type { TuningChange } from "../pipeline/tuning/merge-change.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** `default`: the deployment's. */
type Tunable = number | "default" | undefined;

export interface TuneOptions {
  concurrency?: Tunable;
  batch?: Tunable;
  min?: Tunable;
  max?: Tunable;
  goal?: Tunable;
  pause?: boolean;
  resume?: boolean;
  reason?: string;
  try?: number;
  dryRun?: boolean;
  fromVersion?: number;
  keep?: boolean;
  revert?: boolean;
  restore?: number;
  log?: boolean;
  json?: boolean;
}

/** Steps that write, and so need a reason. */
export type TuneWrite =
  | { kind: "keep" | "revert" }
  | { kind: "restore"; version: number }
  | { kind: "change"; stages: TuningChange };
export type TuneStep = { kind: "show" | "log" } | { kind: "dry-run"; stages: TuningChange } | TuneWrite;

/** @throws CommandError where options contradict one another, or something is missing */
export function tuneStep(stage: StageName | undefined, options: TuneOptions): TuneStep {
  const fields = fieldsOf(options);
  const changes = Object.keys(fields).length > 0;
  const asked = [
    ...(changes ? ["a change"] : []),
    ...(["log", "keep", "revert"] as const).filter((kind) => options[kind]).map((kind) => `--${kind}`),
    ...(options.restore === undefined ? [] : ["--restore"]),
  ];
  if (options.pause && options.resume) throw wrongUse("--pause and --resume: one of them");
  if (asked.length > 1) throw wrongUse(`${asked.join(" and ")}: one thing at a time`);
  if (changes && !stage) throw wrongUse("name the pool that is to change: briareus tune infer --max 6");
  if (!changes && (options.try !== undefined || options.dryRun)) throw wrongUse("there is no change to try: name one");

  const stages: TuningChange = stage ? { [stage]: fields } : {};
  if (options.dryRun) return { kind: "dry-run", stages };
  if (asked.length === 0) return { kind: "show" };
  if (options.log) return { kind: "log" };
  if (!options.reason?.trim()) throw wrongUse("a reason is needed: --reason, for those who read the log");
  if (changes) return { kind: "change", stages };
  if (options.restore !== undefined) return { kind: "restore", version: options.restore };
  return { kind: options.keep ? "keep" : "revert" };
}

function fieldsOf(options: TuneOptions): NonNullable<TuningChange["fetch"]> {
  const { concurrency, batch, min, max, goal, pause, resume } = options;
  const paused = pause ? true : resume ? false : undefined;
  const named = Object.entries({ concurrency, batch, min, max, goalMs: goal, paused }).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, value === "default" ? null : value]],
  );
  return Object.fromEntries(named);
}

const wrongUse = (words: string) => new CommandError(words, exitCodes.usage);
