/**
 * A cluster with the chart installed, whose pods really run here; models in a bucket; and Briareus' pipeline, which knows the
 * ModelServer by its name alone.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { cacheFolder } from "../../src/models/python/cache-folder.ts";
import { createKubeClient } from "../../src/serving/cluster/kube-client.ts";
import { gatewayPort } from "../../src/serving/resource/address-of-server.ts";
import { type CommandResult, runCommand } from "../command.ts";
import { type FakeGcs, startFakeGcs } from "../fake-gcs/start-fake-gcs.ts";
import { type System, startSystem } from "../system.ts";
import { chart } from "./chart.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { ModelServers } from "./model-servers.ts";
import { LocalNode } from "./node/local-node.ts";
import { startProcess } from "./node/process.ts";

export interface ServingPipeline {
  plane: ControlPlane;
  servers: ModelServers;
  node: LocalNode;
  gcs: FakeGcs;
  /** For files of the test's own. */
  folder: string;
  /** A command of ours, with the rights of the cluster's administrator, and the bucket. */
  run(...args: string[]): Promise<CommandResult>;
  /** All lines of the pods' processes: "POD CONTAINER: TEXT". */
  said: readonly string[];
  /** Scores of one black picture of so many pixels a side, through the Envoy of a ModelServer of its model's name. */
  infer(name: string, side: number): Promise<Float32Array>;
  /** Starts all stages of Briareus for a model that a ModelServer of this name serves. */
  startStages(name: string): Promise<System>;
  close(): Promise<void>;
}

const log = process.env.SERVING_LOG ? (line: string) => console.info(line) : () => undefined;

/** @throws MissingProgram where the cluster's programs are not there */
export async function openServingPipeline(): Promise<ServingPipeline> {
  const cleanUps: (() => unknown)[] = [];
  const close = async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), "briareus-serving-"));
    cleanUps.push(() => rm(folder, { recursive: true }));
    const gcs = await startFakeGcs("models");
    cleanUps.push(gcs.stop);
    const plane = await startControlPlane();
    cleanUps.push(plane.close);
    const said: string[] = [];
    const say = (line: string) => {
      said.push(line);
      log(line);
    };
    const env = {
      ...{ STORAGE_EMULATOR_HOST: gcs.url, METADATA_SERVER_DETECTION: "none" },
      ...{ BRIAREUS_CACHE: cacheFolder(), BRIAREUS_DATA: join(folder, "data") },
    };
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    const node = await LocalNode.start({
      ...{ client: createKubeClient(config), name: "here", gpus: 8, env, say },
      labels: { "cloud.google.com/gke-accelerator": "nvidia-tesla-t4" },
      kubeconfigOf: plane.cluster.kubeconfigOf,
    });
    cleanUps.push(() => node.stop());
    const namespace = await plane.cluster.namespace("serving");
    await plane.cluster.helm(
      ...["install", "briareus", chart, "--namespace", namespace, "--wait", "--timeout", "120s"],
      ...["--set", "pipeline.enabled=false,image.repository=briareus"],
    );
    return {
      ...{ plane, servers: new ModelServers(plane.cluster, namespace), node, gcs, folder, said, close },
      run: (...args) => runCommand(args, { ...env, KUBECONFIG: plane.kubeconfig }),
      async infer(name, side) {
        const client = createInferenceClient({ address: `${node.addressOf(name, namespace)}:${gatewayPort}` });
        const picture = { bytes: new Uint8Array(side * side * 3), rows: 1 };
        try {
          return (await client.infer(name, picture, { deadlineAtMs: Date.now() + 30_000 })).scores;
        } finally {
          await client.close();
        }
      },
      async startStages(name) {
        const policy = join(folder, "policy.yaml");
        const text = await readFile("policies/nsfw.yaml", "utf8");
        await writeFile(policy, text.replaceAll("model: nsfw", `model: ${name}`));
        const own = { BRIAREUS_MODELS: name, BRIAREUS_POLICY: policy, BRIAREUS_MODEL_SERVER: "127.0.0.1:1" };
        const system = await startSystem({ pools: { preprocess: 0, infer: 0 }, env: own });
        cleanUps.push(() => system[Symbol.asyncDispose]());
        const all = { ...process.env, ...own, REDIS_URL: system.redis.url, ...system.local.environment };
        for (const stage of ["preprocess", "infer"]) {
          const args = ["src/cli/main.ts", "worker", stage, "--model-server", `${name}.${namespace}`];
          const worker = startProcess({ program: process.execPath, args, env: all }, node.resolver(namespace), say);
          cleanUps.push(() => worker.stop(10_000));
        }
        return system;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
