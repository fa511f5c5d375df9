import type { TuningLogEntry } from "../../../../review/contract/ops-tuning.ts";
import { opsChartText } from "../../../strings/ops-charts.en.ts";
import type { ChartMark } from "./chart-picture.ts";

/** A mark for each change that was made; keeping a trial changes nothing. */
export function marksOf(log: readonly TuningLogEntry[]): ChartMark[] {
  return log
    .filter(({ kind }) => kind !== "keep")
    .map(({ at, version, who }) => ({ atS: Date.parse(at) / 1000, label: opsChartText.mark(version, who) }));
}
