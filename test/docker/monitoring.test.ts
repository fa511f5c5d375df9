import { resolve } from "node:path";
import { test } from "vitest";
import { docker } from "./docker.ts";

test("Prometheus takes the alert rules, and each fires when it should and not before", async () => {
  const mount = ["--mount", `type=bind,source=${resolve("deploy/monitoring")},target=/rules,readonly`];
  const promtool = ["run", "--rm", ...mount, "--entrypoint", "promtool", "prom/prometheus:v3"];
  await docker([...promtool, "check", "rules", "/rules/alerts.yaml"]);
  await docker([...promtool, "test", "rules", "/rules/alerts.test.yaml"]);
});
