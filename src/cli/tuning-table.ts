/** The tuning, its log and its steps for a terminal. */
import { styleText } from "node:util";
import type { StageName } from "../pipeline/stages.ts";
import type { TuningChange } from "../pipeline/tuning/merge-change.ts";
import {
  changesBetween,
  type StageTuning,
  type Tuned,
  type TunedChange,
  type TunedNumber,
  type TunedStages,
  type Tuning,
  type TuningField,
  type TuningLogEntry,
  tunedNumbers,
} from "../pipeline/tuning/tuning.ts";
import type { DeployedPool } from "../scaling/deployment.ts";
import { plain } from "./comparison-table.ts";
import { textTable } from "./text-table.ts";

/** Worker processes that work with a version, of all, so long after the step. */
export interface Followers {
  on: number;
  all: number;
  afterMs: number;
}

const names: Record<TuningField, string> = {
  concurrency: "concurrency",
  batch: "batch",
  min: "min",
  max: "max",
  goalMs: "goal",
  paused: "paused",
};

/** What is tuned, the defaults in brackets, and who changed each pool last. */
export function tuningTable(
  shown: { tuning: Tuning; pools: readonly DeployedPool[]; log: readonly TuningLogEntry[]; stage?: StageName },
  nowMs: number,
): string {
  const { tuning, pools, log, stage } = shown;
  const rows = pools
    .filter((pool) => stage === undefined || pool.stage === stage)
    .map((pool) => [
      pool.stage,
      ...tunedNumbers.map((field) => cell(field, tuning.stages[pool.stage], pool)),
      tuning.stages[pool.stage]?.paused ? "paused" : "",
      lastChange(pool.stage, log, nowMs),
    ]);
  const head = ["", ...tunedNumbers.map((field) => names[field]), "", "changed last"];
  const newest = log.find(({ version }) => version === tuning.version);
  return [
    tuning.version === 0
      ? "version 0: nothing is tuned, all is as deployed"
      : `version ${tuning.version}${newest ? `, ${byWhom(newest, nowMs)}` : ""}`,
    ...trialLines(tuning, nowMs),
    "",
    ...textTable([head, ...rows]),
    ...(Object.keys(tuning.stages).length > 0 ? ["", "in brackets: the deployment's default"] : []),
  ].join("\n");
}

function cell(field: TunedNumber, tuned: StageTuning | undefined, pool: DeployedPool): string {
  const fallback = field === "concurrency" || field === "batch" ? pool[field] : pool.limits?.[field];
  const usual = fallback === undefined ? "–" : valueInWords(field, fallback);
  const value = tuned?.[field];
  return value === undefined ? usual : `${valueInWords(field, value)} (${usual})`;
}

function lastChange(stage: StageName, log: readonly TuningLogEntry[], nowMs: number): string {
  const entry = log.find(({ changes }) => changes.some((change) => change.stage === stage));
  if (!entry) return "";
  const changes = entry.changes.filter((change) => change.stage === stage).map(changeInWords);
  return `v${entry.version} ${byWhom(entry, nowMs)}: ${changes.join(", ")}`;
}

/** Newest first, a line each. */
export function logLines(entries: readonly TuningLogEntry[]): string {
  if (entries.length === 0) return "nothing was ever tuned";
  const rows = entries.map((entry) => [
    `v${entry.version}`,
    new Date(entry.atMs).toISOString().slice(0, 19).replace("T", " "),
    plain(entry.who),
    kindInWords(entry),
    entry.changes.map((change) => `${change.stage} ${changeInWords(change)}`).join(", "),
    `"${plain(entry.why)}"`,
  ]);
  return textTable([["", "UTC", "who", "", "what", "why"], ...rows]).join("\n");
}

function kindInWords({ kind, restores }: TuningLogEntry): string {
  if (kind === "restore") return `restored v${restores}`;
  return { change: "changed", trial: "tried", keep: "kept", revert: "reverted" }[kind];
}

/** What a step did, and whether the workers follow. */
export function stepWords(
  tuning: Tuning,
  entry: TuningLogEntry | undefined,
  { on, all, afterMs }: Followers,
  nowMs: number,
): string {
  const changes = (entry?.changes ?? []).map((change) => `${change.stage} ${changeInWords(change)}`);
  const follow =
    all === 0
      ? "no worker runs: those that start will work with it"
      : `${on} of ${all} workers work with it after ${(afterMs / 1000).toFixed(1)} s`;
  return [
    `version ${tuning.version}: ${changes.length > 0 ? changes.join(", ") : "kept"}`,
    ...trialLines(tuning, nowMs),
    follow,
  ].join("\n");
}

/** Both sides of a change that came too late. */
export function staleWords({ yours, current }: { yours: number; current: Tuning }, change: TuningChange): string {
  const wanted: string[] = [];
  for (const [stage, fields] of Object.entries(change))
    for (const [field, value] of Object.entries(fields))
      wanted.push(`${stage} ${inWords(field as TuningField, value ?? null)}`);
  return [
    `  yours, from version ${yours}: ${wanted.join(", ") || "–"}`,
    `  in force, version ${current.version}: ${allInWords(current.stages)}`,
  ].join("\n");
}

function allInWords(stages: TunedStages): string {
  const tuned = changesBetween({}, stages).map(({ stage, field, to }) => `${stage} ${inWords(field, to)}`);
  return tuned.join(", ") || "nothing is tuned";
}

function trialLines(tuning: Tuning, nowMs: number): string[] {
  const words = trialWords(tuning, nowMs);
  return words ? [styleText("yellow", `${words}: briareus tune --keep, or --revert`)] : [];
}

/** undefined: nothing is on trial. */
export function trialWords({ trial }: Tuning, nowMs: number): string | undefined {
  return trial && `on trial for another ${spanInWords(trial.untilMs - nowMs)}`;
}

/** "infer max 8 → 12: tried by Ada, "a flood"" */
export function entryWords(entry: TuningLogEntry): string {
  const changes = entry.changes.map((change) => `${change.stage} ${changeInWords(change)}`);
  const what = changes.length > 0 ? changes.join(", ") : `version ${entry.version}`;
  return `${what}: ${kindInWords(entry)} by ${plain(entry.who)}, "${plain(entry.why)}"`;
}

export const byWhom = ({ who, why, atMs }: TuningLogEntry, nowMs: number) =>
  `by ${plain(who)} ${spanInWords(nowMs - atMs)} ago, "${plain(why)}"`;

/** "max 8 → 12", "paused" */
function changeInWords({ field, from, to }: TunedChange): string {
  if (field === "paused") return to ? "paused" : "resumed";
  return `${names[field]} ${valueInWords(field, from)} → ${valueInWords(field, to)}`;
}

const inWords = (field: TuningField, value: Tuned) =>
  field === "paused" ? (value ? "paused" : "resumed") : `${names[field]} ${valueInWords(field, value)}`;

function valueInWords(field: TuningField, value: Tuned): string {
  if (value === null) return "default";
  return field === "goalMs" ? `${Number(value) / 1000} s` : String(value);
}

/** "40 s", "4 min", "3 h", "2 days": as fine as people need it. */
export function spanInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
