import { chmodSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { stageNames } from "../../src/pipeline/stages.ts";
import { runCommand } from "../command.ts";
import { startRedis } from "../services.ts";

test("up --autoscale shows each pool's workers with the reason, and gives every capture its verdict", async () => {
  const data = mkdtempSync(join(tmpdir(), "briareus-test-"));
  chmodSync(data, 0o755); // Started by root, Postgres runs under an account that must get there.
  await ensureDemoModel(resolve(".briareus/models"));
  symlinkSync(resolve(".briareus/models"), join(data, "models"));
  await using redis = await startRedis();
  try {
    const options = ["--autoscale", "--streams", "4", "--fps", "10", "--captures", "80", "--json"];
    const { code, output, errors } = await runCommand(["up", ...options], {
      BRIAREUS_DATA: data,
      REDIS_URL: redis.url,
      BRIAREUS_DEADLINE_MS: "600000",
    });
    expect(errors).toBe("");
    expect(code).toBe(0);
    const events: unknown[] = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ event: "summary", published: 80, distinct: 80, missing: [] });
    const scaling = stageNames.map((stage) => ({
      stage,
      replicas: expect.any(Number),
      reason: expect.stringMatching(/^\S.*\S$/),
    }));
    expect(events.findLast((event) => JSON.stringify(event).startsWith('{"event":"state"'))).toMatchObject({ scaling });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});
