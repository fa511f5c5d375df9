import { type Dashboard, dashboardFile } from "./dashboard.ts";
import { modelServingDashboard } from "./model-serving.ts";
import { pipelineDashboard } from "./pipeline.ts";
import { poolDashboard } from "./pool.ts";
import { reviewDashboard } from "./review.ts";

const dashboards: readonly Dashboard[] = [pipelineDashboard, poolDashboard, reviewDashboard, modelServingDashboard];

/** The dashboards for Grafana: their paths from the repository's root, and their texts. */
export function grafanaFiles(): Record<string, string> {
  return Object.fromEntries(
    dashboards.map((dashboard) => [`deploy/monitoring/grafana/${dashboard.name}.json`, dashboardFile(dashboard)]),
  );
}
