import { styleText } from "node:util";
import { verdictKinds } from "../capture/verdict.ts";
import type { PoolFigures } from "../pipeline/pool-figures.ts";
import type { DisplayState } from "./display.ts";

/** One line of the board: a pool's figures, summed over its processes. */
export interface PoolRow {
  stage: string;
  processes: number;
  waiting: number;
  active: number;
  delayed: number;
  suspects: number;
  done: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  retried: number;
  rejected: number;
}

export function toRow({ stage, processes, ...queue }: PoolFigures): PoolRow {
  const sum = (pick: (figures: PoolFigures["processes"][number]) => number) =>
    processes.reduce((total, figures) => total + pick(figures), 0);
  const most = (pick: (figures: PoolFigures["processes"][number]) => number) => Math.max(0, ...processes.map(pick));
  return {
    stage,
    processes: processes.length,
    waiting: queue.waitingBatches,
    active: queue.activeBatches,
    delayed: queue.delayedBatches,
    suspects: queue.suspects,
    done: sum((figures) => figures.done),
    perSecond: 0,
    p50Ms: most((figures) => figures.p50Ms),
    p95Ms: most((figures) => figures.p95Ms),
    retried: sum((figures) => figures.retried),
    rejected: sum((figures) => figures.rejected),
  };
}

const columns = [
  ["stage", 12, (row: PoolRow) => row.stage],
  ["processes", 10, (row: PoolRow) => String(row.processes)],
  ["waiting", 9, (row: PoolRow) => String(row.waiting)],
  ["active", 8, (row: PoolRow) => String(row.active)],
  ["delayed", 9, (row: PoolRow) => String(row.delayed)],
  ["done/s", 9, (row: PoolRow) => row.perSecond.toFixed(1)],
  ["p50 ms", 9, (row: PoolRow) => String(row.p50Ms)],
  ["p95 ms", 9, (row: PoolRow) => String(row.p95Ms)],
  ["retried", 9, (row: PoolRow) => String(row.retried)],
  ["rejected", 10, (row: PoolRow) => String(row.rejected)],
] as const;

/** The live board: pools, verdicts, the latest flagged captures' facts, and what happened. Waiting and active count batches. */
export function renderBoard(state: DisplayState, rows: readonly PoolRow[], notes: readonly string[]): string {
  const counts = state.verdicts.counts();
  const head = columns.map(([title, width]) => (width === 12 ? title.padEnd(width) : title.padStart(width))).join("");
  const body = rows.map((row) =>
    columns.map(([, width, cell]) => (width === 12 ? cell(row).padEnd(width) : cell(row).padStart(width))).join(""),
  );
  const latest = state.verdicts.latestFlagged();
  const finding = latest?.findings[0];
  return [
    `${styleText("bold", "briareus")}  ${state.seconds.toFixed(0)} s  ·  ${state.published} captures published  ·  Ctrl-C ends`,
    "",
    styleText("dim", head),
    ...body,
    ...(state.scaling.length > 0 ? ["", ...state.scaling.map(renderDecision)] : []),
    "",
    `verdicts     ${verdictKinds.map((kind) => `${paint(kind, String(counts[kind]))} ${kind}`).join("   ")}   ${state.verdicts.doubled()} doubled`,
    `latency      p50 ${state.verdicts.latencyMs().p50} ms   p95 ${state.verdicts.latencyMs().p95} ms`,
    `flagged      ${latest && finding ? `${latest.streamId}  ${finding.category} ${finding.score.toFixed(2)} ≥ ${finding.threshold}  ${latest.captureId}` : "none yet"}`,
    ...(state.console ? [`review       console at ${styleText("underline", state.console)}`] : []),
    ...notes.map((note) => styleText("yellow", `note         ${note}`)),
  ].join("\n");
}

/** What a pool was last given, and why, within the width of the table. */
function renderDecision({ stage, replicas, reason }: DisplayState["scaling"][number], index: number): string {
  const title = index === 0 ? "scaling" : "";
  return `${title.padEnd(13)}${stage.padEnd(12)}${String(replicas).padStart(3)}  ${styleText("dim", reason.slice(0, 70))}`;
}

/** The same in one line, for logs. */
export function renderLine(state: DisplayState, rows: readonly PoolRow[]): string {
  const counts = state.verdicts.counts();
  const pools = rows
    .map((row) => `${row.stage} ${row.waiting}w/${row.active}a ${row.perSecond.toFixed(0)}/s`)
    .join("  ");
  const verdicts = verdictKinds.map((kind) => `${counts[kind]} ${kind}`).join(", ");
  return `${state.seconds.toFixed(0)} s  published ${state.published}  ${pools}  verdicts: ${verdicts}`;
}

function paint(kind: (typeof verdictKinds)[number], text: string): string {
  const colours = { clean: "green", flagged: "red", unprocessable: "yellow", expired: "magenta" } as const;
  return styleText(colours[kind], text);
}
