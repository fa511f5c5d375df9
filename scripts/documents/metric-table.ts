import { registry } from "../../src/telemetry/metrics.ts";
import { markdownTable } from "./markdown-table.ts";

export async function metricTable(): Promise<string> {
  const metrics = await registry.getMetricsAsJSON();
  const rows = metrics.map(({ name, help, type }) => [`\`${name}\``, String(type), `${help}.`]);
  return markdownTable(["metric", "type", "meaning"], rows);
}
