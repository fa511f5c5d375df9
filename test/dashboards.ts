/** Grafana's dashboards as the tests look at them. */
import { globSync, readFileSync } from "node:fs";
import { z } from "zod";

const Dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), query: z.union([z.string(), z.object({ query: z.string() })]) })),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.string(),
      title: z.string(),
      description: z.string().optional(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string(), refId: z.string() })).default([]),
    }),
  ),
});
export type Dashboard = z.infer<typeof Dashboard>;

export const dashboards: readonly { path: string; dashboard: Dashboard }[] = globSync(
  "deploy/monitoring/grafana/*.json",
)
  .toSorted()
  .map((path) => ({ path, dashboard: Dashboard.parse(JSON.parse(readFileSync(path, "utf8"))) }));

/** Every expression as Prometheus gets it: Grafana's variables replaced by values that they may have. */
export const expressions = dashboards.flatMap(({ path, dashboard }) =>
  dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      where: `${path}: ${title}`,
      expr: expr.replaceAll("$__rate_interval", "1m").replaceAll(/\$\{?[a-z]+\}?/g, "infer"),
    })),
  ),
);

/** A rule file that records each expression, for promtool. */
export const rulesOfExpressions = () =>
  JSON.stringify({
    groups: [
      {
        name: "dashboards",
        rules: expressions.map(({ expr }, index) => ({ record: `dashboards:panel${index}`, expr })),
      },
    ],
  });
