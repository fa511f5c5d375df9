import { useId, useState } from "preact/hooks";
import { DataTable } from "../../../components/data-table.tsx";
import { formatMinute } from "../../../strings/format.en.ts";
import { opsChartText } from "../../../strings/ops-charts.en.ts";
import type { ChartPicture } from "./chart-picture.ts";
import { Readout } from "./readout.tsx";
import { presentOf } from "./sentences.ts";
import { spansOf, type Telling } from "./spans.ts";
import { TimeChart } from "./time-chart.tsx";

const tableMinutes = 5;

interface Props {
  name: string;
  title: string;
  /** What the chart says, in words. */
  sentence: string;
  picture: ChartPicture;
  /** A value with its unit. */
  words: (value: number) => string;
  telling: Telling;
}

/** A chart with its name, its sentence, what it holds where one points, and the same as a table. */
export function ChartPanel({ name, title, sentence, picture, words, telling }: Props) {
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <section class="ops-chart" data-chart={name} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <p class="small muted ops-chart-sentence">{sentence}</p>
      <TimeChart picture={picture} label={opsChartText.painted(title, presentOf(picture, words))} />
      <Readout picture={picture} words={words} />
      <details open={asTable} onToggle={(event) => setAsTable(event.currentTarget.open)}>
        <summary class="small">
          {opsChartText.asTable}
          <span class="unseen"> {opsChartText.asTableOf(title)}</span>
        </summary>
        {asTable && (
          <>
            <p class="small muted">{opsChartText.telling[telling]}</p>
            <DataTable
              label={title}
              columns={[
                { name: opsChartText.from },
                ...picture.lines.map(({ label }) => ({ name: label, number: true })),
              ]}
              rows={spansOf(picture, tableMinutes, telling).map(({ fromMs, values }) => ({
                key: String(fromMs),
                cells: [
                  formatMinute(fromMs),
                  ...values.map((value) => (value === null ? opsChartText.unknown : words(value))),
                ],
              }))}
            />
          </>
        )}
      </details>
    </section>
  );
}
