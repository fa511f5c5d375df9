/** The API server is really stopped and started again, under the chart's controllers and servers that run. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { demoRepository } from "../models.ts";
import { openServingPipeline, type ServingPipeline } from "./serving-pipeline.ts";

let pipeline: ServingPipeline;

beforeAll(async () => {
  await ensureDemoModel(demoRepository);
  pipeline = await openServingPipeline();
  const into = join(pipeline.folder, "repository");
  await pipeline.run("model", "build", "nsfw", "--name=high-risk", `--from=${demoRepository}`, `--into=${into}`);
  await pipeline.run("model", "push", join(into, "high-risk"), "gs://models/high-risk/3");
}, 300_000);
afterAll(() => pipeline?.close(), 120_000);

const answers = async () => (await pipeline.infer("high-risk", 224).catch(() => [])).length;
const readyServers = async () => (await pipeline.servers.server("high-risk")).status?.readyReplicas;

test("servers answer", async () => {
  await pipeline.servers.kubectl(["apply", "--filename", "deploy/examples/high-risk.yaml"]);
  await pipeline.servers.untilReady("high-risk");
  await expect.poll(answers).toBe(5);
});

test("servers answer while the API server is gone; what was wanted just before is done when it is back", async () => {
  await pipeline.servers.kubectl(["scale", "modelserver", "high-risk", "--replicas=2"]);
  await pipeline.plane.killApiServer();
  expect(await answers()).toBe(5);
  await pipeline.plane.startApiServer();
  expect(await answers()).toBe(5);
  await expect.poll(readyServers, { timeout: 120_000 }).toBe(2);
  expect(await pipeline.servers.condition("high-risk", "Degraded")).toMatch(/^False/);
});

test("history that is dropped meanwhile is not needed", async () => {
  await pipeline.servers.kubectl(["scale", "modelserver", "high-risk", "--replicas=1"]);
  await pipeline.plane.forgetHistory();
  await pipeline.plane.killApiServer();
  await pipeline.plane.startApiServer();
  await expect.poll(readyServers, { timeout: 120_000 }).toBe(1);
  expect(await answers()).toBe(5);
});
