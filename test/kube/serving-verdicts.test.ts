/** From a ModelServer to verdicts: what the controller renders is really run, with a real Triton and a real Envoy. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { createKubeClient } from "../../src/serving/cluster/kube-client.ts";
import { runCommand } from "../command.ts";
import { type FakeGcs, startFakeGcs } from "../fake-gcs/start-fake-gcs.ts";
import { demoRepository } from "../models.ts";
import { type System, startSystem } from "../system.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { LocalNode } from "./node/local-node.ts";
import { type Running, startProcess } from "./node/process.ts";
import { ServingSystem } from "./serving-system.ts";

const say = process.env.SERVING_LOG ? (line: string) => console.info(line) : () => undefined;

let folder: string;
let plane: ControlPlane;
let gcs: FakeGcs;
let node: LocalNode;
let serving: ServingSystem;
let system: System;
const workers: Running[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-serving-"));
  gcs = await startFakeGcs("models");
  await ensureDemoModel(demoRepository);
  for (const version of [3, 4]) await pushModel("nsfw", version);
  plane = await startControlPlane();
  serving = await ServingSystem.open(plane.cluster, "own");
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  node = await LocalNode.start({
    ...{ client: createKubeClient(config), name: "here", gpus: 8, say },
    labels: { "cloud.google.com/gke-accelerator": "nvidia-tesla-t4" },
    env: {
      HOME: process.env.HOME ?? "/root",
      STORAGE_EMULATOR_HOST: gcs.url,
      METADATA_SERVER_DETECTION: "none",
    },
  });
  await serving.controller("--resync", "2");
  system = await startPipeline();
}, 300_000);

afterAll(async () => {
  await Promise.all(workers.map((each) => each.stop(10_000)));
  await system?.[Symbol.asyncDispose]();
  await serving?.close();
  await node?.stop();
  await plane?.close();
  await gcs?.stop();
  if (folder) await rm(folder, { recursive: true });
}, 120_000);

test("the example becomes Ready, and captures get their verdicts from the server that was rendered for it", async () => {
  await serving.kubectl(["apply", "--filename", "deploy/examples/high-risk.yaml"]);
  await serving.untilReady("high-risk");
  const captures = await system.publish(16);
  for (const verdict of await system.untilVerdicts(captures, 60_000))
    expect(verdict).toMatchObject({ verdict: "clean", scores: [{ model: "high-risk", version: "3" }] });
});

/** Puts a model where the example says that it lies. */
async function pushModel(model: string, version: number): Promise<void> {
  const into = join(folder, `repository-${version}`);
  const env = { HOME: process.env.HOME, STORAGE_EMULATOR_HOST: gcs.url };
  const build = ["--name=high-risk", "--backend=onnxruntime", `--from=${demoRepository}`, `--into=${into}`];
  expect(await runCommand(["model", "build", model, ...build], env)).toMatchObject({ code: 0 });
  const push = await runCommand(["model", "push", join(into, "high-risk"), `gs://models/high-risk/${version}`], env);
  expect(push).toMatchObject({ code: 0 });
}

/** All of Briareus; the stages that ask the model know the ModelServer by its name alone. */
async function startPipeline(): Promise<System> {
  const policy = join(folder, "policy.yaml");
  await writeFile(policy, (await readFile("policies/nsfw.yaml", "utf8")).replaceAll("model: nsfw", "model: high-risk"));
  const env = { BRIAREUS_MODELS: "high-risk", BRIAREUS_POLICY: policy, BRIAREUS_MODEL_SERVER: "127.0.0.1:1" };
  const started = await startSystem({ pools: { preprocess: 0, infer: 0 }, env });
  const environment = { ...process.env, ...env, REDIS_URL: started.redis.url, ...started.local.environment };
  for (const stage of ["preprocess", "infer"]) {
    const args = ["src/cli/main.ts", "worker", stage, "--model-server", `high-risk.${serving.namespace}`];
    const program = { program: process.execPath, args, env: environment };
    workers.push(startProcess(program, node.resolver(serving.namespace), say));
  }
  return started;
}
