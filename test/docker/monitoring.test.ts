import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "vitest";
import { rulesOfExpressions } from "../dashboards.ts";
import { docker } from "./docker.ts";

/** Runs Prometheus' own tool on the files of a folder, which it sees as /rules. */
const promtool = (folder: string, ...args: string[]) => {
  const mount = ["--mount", `type=bind,source=${folder},target=/rules,readonly`];
  return docker(["run", "--rm", ...mount, "--entrypoint", "promtool", "prom/prometheus:v3", ...args]);
};

test("Prometheus takes the alert rules, and each fires when it should and not before", async () => {
  const folder = resolve("deploy/monitoring");
  await promtool(folder, "check", "rules", "/rules/alerts.yaml");
  await promtool(folder, "test", "rules", "/rules/alerts.test.yaml");
});

test("Prometheus records queue time over compute time of each ModelServer, and 0 of one that is idle", async () => {
  await promtool(resolve("deploy/monitoring"), "test", "rules", "/rules/model-servers.test.yaml");
});

test("Prometheus can read every expression of the dashboards", async () => {
  const folder = mkdtempSync(join(tmpdir(), "briareus-dashboards-"));
  try {
    writeFileSync(join(folder, "expressions.yaml"), rulesOfExpressions(), { mode: 0o644 });
    chmodSync(folder, 0o755);
    await promtool(folder, "check", "rules", "/rules/expressions.yaml");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
