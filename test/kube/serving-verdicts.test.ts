/** From a ModelServer to verdicts: what the controller renders is really run, with real Tritons behind a real Envoy. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { fileHash } from "../../src/models/repository/folder-hash.ts";
import { demoRepository } from "../models.ts";
import type { System } from "../system.ts";
import type { ModelServers } from "./model-servers.ts";
import { openServingPipeline, type ServingPipeline } from "./serving-pipeline.ts";

let pipeline: ServingPipeline;
let servers: ModelServers;
let system: System;

beforeAll(async () => {
  await ensureDemoModel(demoRepository);
  pipeline = await openServingPipeline();
  servers = pipeline.servers;
  for (const version of [3, 4]) await pushModel(version);
  system = await pipeline.startStages("high-risk");
}, 300_000);
afterAll(() => pipeline?.close(), 120_000);

const demoModel = join(demoRepository, "nsfw/1/model.onnx");
/** Of the roll-out tests: a machine of two cores without a GPU misses goals that they are not about. */
const patient = { latencyGoal: "30s" };

test("the example becomes Ready with the chart installed, and captures get their verdicts from its server", async () => {
  await servers.kubectl(["apply", "--filename", "deploy/examples/high-risk.yaml"]);
  await servers.untilReady("high-risk");
  const captures = await system.publish(16);
  for (const verdict of await system.untilVerdicts(captures, 60_000))
    expect(verdict).toMatchObject({ verdict: "clean", scores: [{ model: "high-risk", version: "3" }] });
});

test("a new version takes its share of the requests, then all of them, and every capture has one verdict", async () => {
  const rollout = { hold: "10s", canaryPercent: 50 };
  await servers.apply("high-risk", "high-risk", { ...patient, model: { uri: "gs://models/high-risk/4" }, rollout });
  const captures: string[] = [];
  const serving = async () => (await servers.server("high-risk")).status?.serving?.models.join();
  while ((await serving()) !== "high-risk gs://models/high-risk/4 fp32") {
    const some = await system.publish(4);
    captures.push(...some);
    await system.untilVerdicts(some, 60_000);
  }
  const versions = captures.map((capture) => system.verdicts.get(capture)?.map(({ scores }) => scores[0]?.version));
  for (const each of versions) expect(each).toHaveLength(1);
  expect(new Set(versions.flat())).toEqual(new Set(["3", "4"]));
  await expect.poll(async () => await versionsOf(await system.publish(8)), { interval: 500 }).toEqual(["4"]);
});

test("model servers tells how full its batches are, how long requests wait, and what it holds", async () => {
  const listed = pipeline.run("model", "servers", "--namespace", servers.namespace, "--over", "5s", "--json");
  let done = false;
  void listed.then(() => {
    done = true;
  });
  while (!done) await system.untilVerdicts(await system.publish(4), 60_000);
  const [{ measured }] = JSON.parse((await listed).output);
  expect(measured.missing).toBeNull();
  expect(measured.gpus.inUse).toBeGreaterThanOrEqual(1);
  expect(measured.figures.requestsPerSecond).toBeGreaterThan(0);
  expect(measured.figures.meanBatch).toBeGreaterThanOrEqual(1);
  expect(measured.figures.meanQueueMs).toBeGreaterThan(0);
});

test("a version that judges otherwise is refused by what both answer, and the old one serves on", async () => {
  const onnx = join(pipeline.folder, "biased.onnx");
  await writeFile(onnx, biased(await readFile(demoModel)));
  await pushModel(5, onnx);
  const rollout = { comparison: { generated: 20, maxChanged: "1%" } };
  await servers.apply("high-risk", "high-risk", { ...patient, model: { uri: "gs://models/high-risk/5" }, rollout });
  await expect
    .poll(() => servers.condition("high-risk", "Degraded"), { timeout: 120_000 })
    .toMatch(
      /^True ComparisonFailed: Version \w+ was given up: Job \S+: .*16 of 20 pictures \(80 %\) have another top label/,
    );
  expect(await servers.condition("high-risk", "Ready")).toMatch(/^True/);
  expect(await versionsOf(await system.publish(8))).toEqual(["4"]);
});

test("a version whose labels or input are others is refused before it gets any traffic", async () => {
  await pushModel(6, demoModel, ["--labels=calm,angry,sad,merry,tired"]);
  await servers.apply("high-risk", "high-risk", { ...patient, model: { uri: "gs://models/high-risk/6" } });
  await expect
    .poll(() => servers.condition("high-risk", "Degraded"), { timeout: 60_000 })
    .toMatch(/^True ModelDoesNotFit: .*labels calm, angry.*Drawing, Hentai/);
  expect(await versionsOf(await system.publish(8))).toEqual(["4"]);
});

test("an address without a model, and a model that Triton does not load, are told of while the old one serves", async () => {
  await servers.apply("high-risk", "high-risk", { ...patient, model: { uri: "gs://models/high-risk/99" } });
  await expect
    .poll(() => servers.condition("high-risk", "Degraded"), { timeout: 60_000 })
    .toMatch(/^True ModelNotFetched: gs:\/\/models\/high-risk\/99 holds no manifest.json/);
  await pushModel(7, demoModel, undefined, "no model at all");
  await servers.apply("high-risk", "high-risk", { ...patient, model: { uri: "gs://models/high-risk/7" } });
  await expect
    .poll(() => servers.condition("high-risk", "Degraded"), { timeout: 90_000 })
    .toMatch(/^True ServerFails: The server ends: .*INVALID_PROTOBUF/);
  expect(await versionsOf(await system.publish(8))).toEqual(["4"]);
});

test("deleting ends the Envoys first, and leaves no process", async () => {
  await servers.kubectl(["delete", "modelserver", "high-risk", "--timeout=100s"]);
  const pods = async () =>
    await servers.kubectl(["get", "pods", "--selector", "briareus.dev/model-server=high-risk", "--output", "name"]);
  await expect.poll(pods, { timeout: 60_000 }).toBe("");
  expect(pipeline.node.running("high-risk")).toEqual([]);
});

/** Versions that scored the captures, each once. */
async function versionsOf(captures: readonly string[]): Promise<(string | undefined)[]> {
  const verdicts = await system.untilVerdicts(captures, 60_000);
  return [...new Set(verdicts.map(({ scores }) => scores[0]?.version))];
}

/** Puts a version of the model into the bucket. @param content in the place of what was built */
async function pushModel(
  version: number,
  onnx = demoModel,
  options: readonly string[] = ["--labels=Drawing,Hentai,Neutral,Porn,Sexy"],
  content?: string,
): Promise<void> {
  const into = join(pipeline.folder, `repository-${version}`);
  const build = ["--name=high-risk", "--backend=onnxruntime", `--into=${into}`, ...options];
  expect(await pipeline.run("model", "build", onnx, ...build)).toMatchObject({ code: 0 });
  const model = join(into, "high-risk");
  if (content !== undefined) {
    const file = join(model, "1/model.onnx");
    const [before, manifest] = [await fileHash(file), join(model, "1/manifest.json")];
    await writeFile(file, content);
    await writeFile(manifest, (await readFile(manifest, "utf8")).replaceAll(before, await fileHash(file)));
  }
  const place = `gs://models/high-risk/${version}`;
  expect(await pipeline.run("model", "push", model, place)).toMatchObject({ code: 0 });
}

/** The demo model, but that its first label always wins. */
function biased(onnx: Uint8Array): Uint8Array {
  const root = new protobuf.Root().loadSync("src/model-server/demo-model/onnx.proto", { keepCase: true });
  const type = root.lookupType("onnx.ModelProto");
  const model = type.toObject(type.decode(onnx)) as { graph: { initializer: { dims: unknown[]; raw_data: Buffer }[] } };
  const bias = model.graph.initializer.findLast(({ dims }) => dims.length === 1 && Number(dims[0]) === 5);
  bias?.raw_data.writeFloatLE(100, 0);
  return type.encode(type.fromObject(model)).finish();
}
