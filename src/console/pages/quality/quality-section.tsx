import type { ComponentChildren } from "preact";
import { qualityText } from "../../strings/quality.en.ts";
import { csvOf, type Table } from "./csv.ts";
import type { TableName } from "./quality-tables.ts";

interface Props {
  name: TableName;
  /** What the figures say, in words. */
  sentences: readonly string[];
  table: Table;
  children: ComponentChildren;
}

/** One set of figures: its name, what it says, and the plot or the table. */
export function QualitySection({ name, sentences, table, children }: Props) {
  return (
    <section class="card stack quality-section" data-section={name} aria-label={qualityText.title[name]}>
      <div class="row quality-title">
        <h2>{qualityText.title[name]}</h2>
        <button type="button" class="plain" aria-label={qualityText.csvOf(name)} onClick={() => download(name, table)}>
          {qualityText.csv}
        </button>
      </div>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <p class="muted small">{qualityText.explain[name]}</p>
      {children}
    </section>
  );
}

function download(name: TableName, table: Table): void {
  const address = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `quality-${name}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
