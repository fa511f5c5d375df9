/** Dashboards as Grafana imports them: its classic JSON model, which all its versions since 9 take. */

export interface Query {
  expr: string;
  /** Of each line; `{{label}}` stands for a label's value. */
  legend: string;
}

export interface Panel {
  title: string;
  /** What to see in it, and what to do; shown at its corner. */
  about: string;
  /** stat: the latest value as a number. */
  kind?: "lines" | "stat";
  unit?: Unit;
  queries: readonly Query[];
}

/** As Grafana names them. */
export type Unit = "short" | "s" | "µs" | "bytes" | "percentunit" | "reqps" | "cps" | "watt";

export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** What the viewer chooses, from a label's values. */
export interface Variable {
  name: string;
  label: string;
  /** `label_values(METRIC, LABEL)`. */
  query: string;
}

export interface Dashboard {
  /** Of its file, and of its address in Grafana. */
  name: string;
  title: string;
  about: string;
  variables?: readonly Variable[];
  rows: readonly Row[];
}

const columns = 24;
const datasource = { type: "prometheus", uid: "$datasource" };

/** The text of a dashboard's file. */
export function dashboardFile({ name, title, about, variables = [], rows }: Dashboard): string {
  const model = {
    uid: `briareus-${name}`,
    title,
    description: about,
    tags: ["briareus"],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    links: [{ type: "dashboards", tags: ["briareus"], asDropdown: true, title: "Briareus", keepTime: true }],
    templating: {
      list: [
        { type: "datasource", name: "datasource", label: "Prometheus", query: "prometheus" },
        ...variables.map(({ query, ...names }) => ({
          ...names,
          type: "query",
          datasource,
          definition: query,
          query: { query, refId: names.name },
          refresh: 2,
          sort: 1,
        })),
      ],
    },
    panels: panelsOf(rows),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

function panelsOf(rows: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    const w = Math.floor(columns / row.panels.length);
    const h = row.panels.every(({ kind }) => kind === "stat") ? 4 : 8;
    for (const [index, panel] of row.panels.entries())
      panels.push({ id: panels.length + 1, ...panelOf(panel), gridPos: { x: index * w, y, w, h } });
    y += h;
  }
  return panels;
}

function panelOf({ title, about, kind = "lines", unit = "short", queries }: Panel): object {
  return {
    type: kind === "stat" ? "stat" : "timeseries",
    title,
    description: about,
    datasource,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
    })),
  };
}
