import type { Proportion, Quality } from "../../../review/contract/quality.ts";
import { DataTable } from "../../components/data-table.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { formatNumber, formatShare } from "../../strings/format.en.ts";
import { qualityText } from "../../strings/quality.en.ts";
import { DayChart } from "./day-chart.tsx";
import { scaleEnd } from "./interval-plot.ts";
import { type PlotRow, ProportionPlot } from "./proportion-plot.tsx";
import { QualitySection } from "./quality-section.tsx";
import { qualityTables, type TableName } from "./quality-tables.ts";
import { TimeBars } from "./time-bars.tsx";
import { TimeTable } from "./time-table.tsx";

const { column, sentence } = qualityText;

/** All figures, each with what it says, as plots or as tables. */
export function Figures({ quality, show }: { quality: Quality; show: "plots" | "tables" }) {
  const tables = qualityTables(quality);
  // The API lists the mildest first; here the gravest leads.
  const timed = quality.times.filter(({ total }) => total.count > 0).toReversed();
  const decided = quality.precision.filter(({ confirmed }) => confirmed.of > 0);
  const sampled = quality.missed.filter(({ violations }) => violations.of > 0);
  const targets = quality.targets.filter(({ met }) => met.of > 0).toReversed();
  const daySentence = quality.days.length > 0 ? sentence.days(quality.days) : qualityText.none;
  const shares = (name: TableName, counted: string, rows: readonly PlotRow[]) =>
    rows.length === 0 ? null : show === "plots" ? (
      <ProportionPlot rows={rows} end={name === "missed" ? scaleEnd(rows.map(({ value }) => value)) : 1} />
    ) : (
      <ShareTable name={name} counted={counted} rows={rows} />
    );
  return (
    <>
      <QualitySection
        name="precision"
        table={tables.precision}
        sentences={[decided.length > 0 ? sentence.precision(decided) : qualityText.none]}
      >
        {shares("precision", column.confirmed, decided.map(precisionRow))}
      </QualitySection>
      <QualitySection
        name="times"
        table={tables.times}
        sentences={timed.length > 0 ? timed.slice(0, 1).map(sentence.times) : [qualityText.none]}
      >
        {timed.length > 0 && (show === "plots" ? <TimeBars times={timed} /> : <TimeTable times={timed} />)}
      </QualitySection>
      <QualitySection
        name="targets"
        table={tables.targets}
        sentences={
          targets.length > 0
            ? targets.slice(0, 1).map(({ severity, met }) => sentence.targets(severity, met))
            : [qualityText.none]
        }
      >
        {shares(
          "targets",
          column.met,
          targets.map(({ severity, met }) => ({
            key: severity,
            label: <SeverityMark severity={severity} />,
            value: met,
          })),
        )}
      </QualitySection>
      <QualitySection
        name="missed"
        table={tables.missed}
        sentences={
          sampled.length > 0
            ? sampled.map(({ policyVersion, violations }) => sentence.missed(policyVersion, violations))
            : [qualityText.noneSampled]
        }
      >
        {shares(
          "missed",
          column.violations,
          sampled.map(({ policyVersion, violations }) => ({
            key: policyVersion,
            label: qualityText.policyName(policyVersion),
            value: violations,
          })),
        )}
      </QualitySection>
      <QualitySection name="days" table={tables.days} sentences={[daySentence]}>
        {quality.days.length > 0 &&
          (show === "plots" ? (
            <DayChart days={quality.days} label={daySentence} />
          ) : (
            <DataTable
              label={qualityText.title.days}
              columns={[
                { name: column.day },
                { name: column.confirmed, number: true },
                { name: column.dismissed, number: true },
              ]}
              rows={quality.days.map(({ day, confirmed, dismissed }) => ({
                key: day,
                cells: [day, formatNumber(confirmed), formatNumber(dismissed)],
              }))}
            />
          ))}
      </QualitySection>
    </>
  );
}

function precisionRow(row: Quality["precision"][number]): PlotRow {
  return {
    key: `${row.category} ${row.model} ${row.modelVersion} ${row.policyVersion}`,
    label: (
      <>
        <strong>
          <PlainName>{row.category}</PlainName>
        </strong>{" "}
        <span class="muted small">
          {qualityText.modelName(row.model, row.modelVersion)} · {qualityText.policyName(row.policyVersion)}
        </span>
      </>
    ),
    value: row.confirmed,
  };
}

interface ShareTableProps {
  name: TableName;
  counted: string;
  rows: readonly PlotRow[];
}

function ShareTable({ name, counted, rows }: ShareTableProps) {
  return (
    <DataTable
      label={qualityText.title[name]}
      columns={[
        { name: qualityText.title[name] },
        { name: counted, number: true },
        { name: column.of, number: true },
        { name: column.share, number: true },
        { name: column.interval, number: true },
      ]}
      rows={rows.map(({ key, label, value }) => ({ key, cells: [label, ...cellsOf(value)] }))}
    />
  );
}

/** The table shows the figures of few decisions too: beside their number nobody mistakes them. */
function cellsOf(value: Proportion): string[] {
  return [
    formatNumber(value.count),
    formatNumber(value.of),
    value.share === null ? "–" : formatShare(value.share),
    qualityText.range(value),
  ];
}
