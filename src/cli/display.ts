import { createLogUpdate } from "log-update";
import { type Verdict, verdictKinds } from "../capture/verdict.ts";
import type { VerdictTally } from "../local/verdict-tally.ts";
import type { PoolFigures } from "../pipeline/pool-figures.ts";
import { type PoolRow, renderBoard, renderLine, toRow } from "./board.ts";

export interface DisplayState {
  pools: readonly PoolFigures[];
  verdicts: VerdictTally;
  published: number;
  restarts: number;
  seconds: number;
  /** Address of the review console. */
  console: string | undefined;
  /** What the autoscaler decided last; empty where none runs. */
  scaling: readonly { stage: string; replicas: number; reason: string }[];
}

export interface Summary {
  verdicts: VerdictTally;
  published: number;
  missing: readonly string[];
  startedAtMs: number;
  logFolder: string;
}

/** Where `briareus up` shows what happens: a live board on a terminal, lines elsewhere, JSON for machines. */
export interface Display {
  state(state: DisplayState): void;
  note(sentence: string): void;
  summary(summary: Summary): void;
  close(): void;
}

const lineEveryMs = 3_000;

export function createDisplay(kind: "board" | "lines" | "json"): Display {
  const rates = createRates();
  if (kind === "json") return jsonDisplay(rates);
  const board = kind === "board" ? createLogUpdate(process.stdout) : undefined;
  const notes: string[] = [];
  let flagged: Verdict | undefined;
  let lastLineAtMs = 0;
  return {
    state(state) {
      const rows = rates(state.pools);
      if (board) return board(renderBoard(state, rows, notes.slice(-4)));
      const latest = state.verdicts.latestFlagged();
      if (latest && latest !== flagged) {
        flagged = latest;
        console.log(flaggedLine(latest));
      }
      if (Date.now() - lastLineAtMs < lineEveryMs) return;
      lastLineAtMs = Date.now();
      console.log(renderLine(state, rows));
    },
    note(sentence) {
      if (board) notes.push(sentence);
      else console.log(sentence);
    },
    summary(summary) {
      board?.done();
      console.log(summaryText(summary));
    },
    close: () => board?.done(),
  };
}

function jsonDisplay(rates: (pools: readonly PoolFigures[]) => PoolRow[]): Display {
  const print = (event: string, body: object) => console.log(JSON.stringify({ event, ...body }));
  return {
    state: ({ pools, verdicts, published, restarts, seconds, console, scaling }) =>
      print("state", {
        seconds,
        console,
        published,
        restarts,
        verdicts: verdicts.counts(),
        doubled: verdicts.doubled(),
        pools: rates(pools),
        scaling,
      }),
    note: (sentence) => print("note", { sentence }),
    summary: ({ verdicts, published, missing }) =>
      print("summary", {
        published,
        verdicts: verdicts.counts(),
        distinct: verdicts.distinct(),
        doubled: verdicts.doubled(),
        missing,
        latencyMs: verdicts.latencyMs(),
      }),
    close: () => undefined,
  };
}

/** Rates over the last seconds: over one refresh they would jump between nothing and a whole batch. */
function createRates() {
  const windowMs = 3_000;
  const history = new Map<string, { done: number; atMs: number }[]>();
  return (pools: readonly PoolFigures[]) =>
    pools.map((pool) => {
      const row = toRow(pool);
      const atMs = Date.now();
      const known = (history.get(pool.stage) ?? []).filter(
        (point) => atMs - point.atMs <= windowMs && point.done <= row.done,
      );
      history.set(pool.stage, [...known, { done: row.done, atMs }]);
      const first = known[0];
      const perSecond = first ? ((row.done - first.done) * 1000) / Math.max(1, atMs - first.atMs) : 0;
      return { ...row, perSecond };
    });
}

const flaggedLine = ({ captureId, streamId, findings }: Verdict) =>
  `flagged  ${streamId}  ${captureId}  ${findings.map(({ category, score }) => `${category} ${score.toFixed(2)}`).join(", ")}`;

function summaryText({ verdicts, published, missing, startedAtMs, logFolder }: Summary): string {
  const counts = verdicts.counts();
  const { p50, p99 } = verdicts.latencyMs();
  const kinds = verdictKinds.map((kind) => `${counts[kind]} ${kind}`).join(", ");
  const first = verdicts.firstAtMs();
  const lines = [
    `${published} captures published, ${verdicts.distinct()} verdicts: ${kinds}.`,
    `Capture to verdict: p50 ${p50} ms, p99 ${p99} ms; first verdict after ${first ? ((first - startedAtMs) / 1000).toFixed(1) : "–"} s; doubled ${verdicts.doubled()}.`,
  ];
  if (missing.length > 0) {
    lines.push(
      `${missing.length} captures have NO verdict: ${missing.slice(0, 10).join(", ")}. See the logs in ${logFolder}`,
    );
  }
  return lines.join("\n");
}
