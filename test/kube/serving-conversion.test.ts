/** From a SavedModel in a bucket to answers: the conversion Job that the controller renders is really run. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureEnvironment } from "../../src/models/python/environment.ts";
import { runTool } from "../../src/models/python/run-tool.ts";
import { openModelPlace } from "../../src/models/transfer/model-place.ts";
import type { ModelServers } from "./model-servers.ts";
import { openServingPipeline, type ServingPipeline } from "./serving-pipeline.ts";

let pipeline: ServingPipeline;
let servers: ModelServers;

const convert = { labels: ["red", "green", "blue"], normalise: "0..1", generated: 40 };
/** A SavedModel of the bucket, served on the CPU. */
const spec = (name: string, changes: object = {}) => ({
  model: { uri: `gs://models/saved/${name}`, convert: { ...convert, ...changes } },
  engines: "gs://models/engines",
  gpu: undefined,
  latencyGoal: undefined,
});

beforeAll(async () => {
  pipeline = await openServingPipeline();
  servers = pipeline.servers;
  const { python } = await ensureEnvironment("conversion");
  const folder = join(pipeline.folder, "saved");
  await runTool(python, ["test/models/saved_models.py", folder]);
  process.env.STORAGE_EMULATOR_HOST = pipeline.gcs.url;
  for (const name of ["net", "steep"]) {
    const [from, to] = [openModelPlace(join(folder, name)), openModelPlace(`gs://models/saved/${name}`)];
    for (const file of await from.list()) await to.upload(join(folder, name, file), file);
  }
}, 300_000);
afterAll(() => pipeline?.close(), 120_000);

test("a SavedModel is converted by a Job, kept, fetched by the server, and answers", async () => {
  await servers.apply("high-risk", "colours", spec("net"));
  await expect.poll(() => servers.condition("colours", "Ready"), { timeout: 180_000 }).toMatch(/^True/);
  expect(await servers.condition("colours", "Converted")).toMatch(/^True Converted/);
  // Its Envoys look for servers every other second.
  await expect.poll(async () => (await pipeline.infer("colours", 32).catch(() => [])).length).toBe(3);
});

test("whoever needs the same engine finds it, and converts nothing", async () => {
  const before = await conversions();
  await servers.apply("high-risk", "again", { ...spec("net"), model: { ...spec("net").model, name: "colours" } });
  await expect.poll(() => servers.condition("again", "Ready"), { timeout: 120_000 }).toMatch(/^True/);
  const said = pipeline.said.filter((line) => line.includes("is there already"));
  expect(said.join("\n")).toMatch(
    /again-convert-\S+ fetch: gs:\/\/models\/engines\/colours\/fp32-onnxruntime-\w+ is there/,
  );
  expect(await conversions()).toBe(before + 1);
});

test("a conversion that the accuracy gate refuses says how many pictures it is about, and nothing is served", async () => {
  const model = { ...spec("steep", { maxChanged: "0.1%" }).model, precision: "int8" };
  await servers.apply("high-risk", "steep", { ...spec("steep"), model });
  await expect
    .poll(() => servers.condition("steep", "Converted"), { timeout: 180_000 })
    .toMatch(/^False ConversionFailed: Job steep-convert-\w+: .*pictures/);
  expect(await servers.condition("steep", "Ready")).toMatch(/^False ConversionFailed/);
});

async function conversions(): Promise<number> {
  const jobs = await servers.kubectl([
    "get",
    "jobs",
    "--selector",
    "app.kubernetes.io/component=conversion",
    "--output",
    "name",
  ]);
  return jobs.split("\n").filter(Boolean).length;
}
