import type { Quality } from "../../../review/contract/quality.ts";
import { DataTable } from "../../components/data-table.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { formatNumber } from "../../strings/format.en.ts";
import { qualityText } from "../../strings/quality.en.ts";
import { parts } from "./time-plot.ts";

const { column, duration } = qualityText;

/** The same as the bars, as a table: half and 19 of 20 within, for each part and the whole. */
export function TimeTable({ times }: { times: Quality["times"] }) {
  return (
    <DataTable
      label={`${qualityText.title.times}: ${column.quantiles}`}
      columns={[
        { name: column.severity },
        { name: column.decisions, number: true },
        ...parts.map((part) => ({ name: qualityText.part[part], number: true })),
        { name: column.total, number: true },
      ]}
      rows={times.map((time) => ({
        key: time.severity,
        cells: [
          <SeverityMark key="severity" severity={time.severity} />,
          formatNumber(time.total.count),
          ...[time.pipeline, time.waiting, time.handling, time.total].map(
            ({ p50Ms, p95Ms }) => `${wordsOf(p50Ms)}, ${wordsOf(p95Ms)}`,
          ),
        ],
      }))}
    />
  );
}

const wordsOf = (ms: number | null) => (ms === null ? "–" : duration(ms));
