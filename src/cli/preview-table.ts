import { styleText } from "node:util";
import type { ChangePreview, FromTo } from "../scaling/preview.ts";
import { textTable } from "./text-table.ts";

/** What a change would do, for a terminal. @param version that it would be made from */
export function previewTable({ pools, bottleneck, warnings }: ChangePreview, version: number): string {
  const rows = pools.map(({ stage, replicas, drainSeconds, reason }) => [
    stage,
    move(replicas, String),
    move(drainSeconds, drain),
    reason,
  ]);
  return [
    `On version ${version}, by the scaling rule and what is measured now. Nothing was changed.`,
    "",
    ...textTable([["", "workers", "drained in", "because"], ...rows]),
    "",
    `limits the others: ${move(bottleneck, (stage) => stage ?? "none")}`,
    ...warnings.map((words) => styleText("yellow", `warning: ${words}`)),
  ].join("\n");
}

function move<Value>({ from, to }: FromTo<Value>, words: (value: Value) => string): string {
  const [before, after] = [words(from), words(to)];
  return before === after ? before : `${before} → ${after}`;
}

function drain(seconds: number | null): string {
  if (seconds === null) return "never";
  return seconds < 10 ? `${Number(seconds.toFixed(1))} s` : `${Math.round(seconds)} s`;
}
