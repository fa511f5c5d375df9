import { stripVTControlCharacters, styleText } from "node:util";
import type { StageName } from "../pipeline/stages.ts";
import type { StageTuning, Tuning } from "../pipeline/tuning/tuning.ts";
import type { Level, OpsPool } from "../review/contract/ops.ts";
import { plain } from "./comparison-table.ts";
import type { TopFigures } from "./read-top.ts";
import { figureTable } from "./text-table.ts";
import { entryWords, trialWords } from "./tuning-table.ts";

/** A pool that was made larger or smaller while the board was watched. */
export interface Move {
  atMs: number;
  stage: StageName;
  from: number;
  to: number;
  reason: string;
}

const titles = ["", "workers", "limits", "captures", "oldest", "goal", "ms each", "busy", "in/s", "done/s", "failed/s"];
const shownReasons = 3;

/**
 * All pools, what is tuned and what went wrong, as text.
 * @param moves newest first
 * @param width of the terminal, in columns
 */
export function renderTop(figures: TopFigures, moves: readonly Move[], width: number): string {
  const { state, troubles, tuning } = figures;
  const rows = state.pools.map((pool) => cellsOf(pool, troubles[pool.stage].rejectedPerSecond));
  const [head = "", ...lines] = figureTable(titles, rows, 1);
  const cut = (text: string) => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
  const pools = state.pools.flatMap((pool, index) => [
    painted(levelOf(pool), cut(lines[index] ?? "")),
    styleText("dim", cut(`  ${[...marksOf(pool, tuning), pool.replicas.reason ?? "nobody scales it"].join(" · ")}`)),
  ]);
  return [
    cut(`briareus  ${clock(state.now)}  ·  ${headline(figures)}`),
    styleText("bold", painted(state.sentence.level, cut(state.sentence.text))),
    "",
    styleText("dim", cut(stripVTControlCharacters(head))),
    ...pools,
    "",
    cut(failureLine(figures)),
    ...changesOf(figures, moves).map(cut),
  ].join("\n");
}

function cellsOf(pool: OpsPool, failedPerSecond: number | null): string[] {
  const { stage, replicas, depth, oldestAgeMs, goalMs, serviceMs, busy, inPerSecond, outPerSecond } = pool;
  return [
    stage,
    `${replicas.running}/${replicas.wanted ?? "–"}`,
    replicas.min === null ? "–" : `${replicas.min}..${replicas.max}`,
    String(Math.round(depth)),
    known(oldestAgeMs.value, seconds),
    seconds(goalMs),
    known(serviceMs.p50, rounded),
    known(busy.value, (share) => `${Math.round(100 * share)} %`),
    known(inPerSecond, rounded),
    known(outPerSecond.value, rounded),
    known(failedPerSecond, rounded),
  ];
}

/** What is not as usual with a pool, in words. */
function marksOf({ stage, paused, replicas: { starting, draining } }: OpsPool, tuning: Tuning): string[] {
  const fields = Object.entries(tuning.stages[stage] ?? {}).filter(([field]) => field !== "paused");
  const tuned = fields.map(([field, value]) =>
    field === "goalMs" ? `goal ${seconds(Number(value))}` : `${field} ${value}`,
  );
  return [
    ...(paused ? ["PAUSED"] : []),
    ...(starting > 0 ? [`${starting} starting`] : []),
    ...(draining > 0 ? [`${draining} draining`] : []),
    ...(tuned.length > 0 ? [`${isTried(stage, tuning) ? "on trial" : "tuned"}: ${tuned.join(", ")}`] : []),
  ];
}

function isTried(stage: StageName, { stages, trial }: Tuning): boolean {
  const sorted = (tuned: StageTuning = {}) => JSON.stringify(Object.entries(tuned).sort());
  return trial !== undefined && sorted(trial.before[stage]) !== sorted(stages[stage]);
}

function headline({ state: { scaler, intake, now }, tuning }: TopFigures): string {
  const decided = scaler.ageMs === null ? "" : ` ${seconds(scaler.ageMs)} ago`;
  const trial = trialWords(tuning, Date.parse(now));
  return [
    scaler.driver ? `scaled by ${scaler.driver} (${scaler.by})${decided}` : "nobody scales the pools",
    `ingress holds ${intake.held}/${intake.maxHeld}${intake.full ? ", full" : ""}`,
    `tuning ${tuning.version}${trial ? `, ${trial}` : ""}`,
  ].join(" · ");
}

function failureLine({ state: { verdicts }, failures }: TopFigures): string {
  const { unprocessable, expired } = verdicts.fiveMinutes;
  const reasons = failures.filter(({ fiveMinutes }) => fiveMinutes > 0).slice(0, shownReasons);
  const share = verdicts.failures.value === null ? "" : ` (${Number((100 * verdicts.failures.value).toFixed(1))} %)`;
  return [
    `failures     ${unprocessable} unprocessable, ${expired} expired in five minutes${share}`,
    ...reasons.map(({ reason, fiveMinutes }) => `${reason} ${fiveMinutes}`),
  ].join("  ·  ");
}

/** What ops and the scaler changed lately, newest first. */
function changesOf({ changes }: TopFigures, moves: readonly Move[]): string[] {
  const tuned = changes.map((entry) => ({ atMs: entry.atMs, text: entryWords(entry) }));
  const moved = moves.map(({ atMs, stage, from, to, reason }) => ({
    atMs,
    text: `${stage} ${from} → ${to}: ${plain(reason)}`,
  }));
  return [...moved, ...tuned]
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, 6)
    .map(
      ({ atMs, text }, index) =>
        `${(index === 0 ? "changes" : "").padEnd(13)}${clock(new Date(atMs).toISOString())}  ${text}`,
    );
}

const levelOf = ({ oldestAgeMs, drainMs, outPerSecond, replicas, paused }: OpsPool): Level => {
  const levels = [oldestAgeMs, drainMs, outPerSecond, replicas].map(({ level }) => level);
  if (levels.includes("breach")) return "breach";
  return paused || levels.includes("warning") ? "warning" : "normal";
};

function painted(level: Level, text: string): string {
  return level === "normal" ? text : styleText(level === "breach" ? "red" : "yellow", text);
}

const known = (value: number | null, words: (value: number) => string) => (value === null ? "–" : words(value));
const rounded = (value: number) => String(Number(value.toFixed(value < 10 ? 1 : 0)));
const seconds = (ms: number) => `${Number((ms / 1000).toFixed(1))} s`;
/** Of the terminal's own time zone. */
const clock = (iso: string) => new Date(iso).toTimeString().slice(0, 8);
