/** Expressions that several panels need. `$__rate_interval` is Grafana's: four scrapes at least. */

/** Per second, added up by labels. */
export const perSecond = (series: string, by = "") => `sum${by && ` by (${by})`} (rate(${series}[$__rate_interval]))`;

/** Of a histogram, in its unit. @param series its name without `_bucket`, and labels */
export function quantile(q: number, name: string, { labels = "", by = "" } = {}): string {
  const groups = ["le", by].filter(Boolean).join(", ");
  return `histogram_quantile(${q}, ${perSecond(`${name}_bucket${labels}`, groups)})`;
}

/** Median, 95th and 99th percentile, as the queries of one panel. */
export const quantiles = (name: string, labels = "") => [
  { expr: quantile(0.5, name, { labels }), legend: "median" },
  { expr: quantile(0.95, name, { labels }), legend: "95 %" },
  { expr: quantile(0.99, name, { labels }), legend: "99 %" },
];

/** Of a gauge that every replica tells alike. */
export const same = (series: string, by = "") => `max${by && ` by (${by})`} (${series})`;
