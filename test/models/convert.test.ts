/** TensorFlow models on their way through ONNX into a model repository, and from there to verdicts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createUnaryCalls } from "../../src/inference/unary-calls.ts";
import type { ConversionWishes } from "../../src/models/convert/conversion.ts";
import { convertModel } from "../../src/models/convert/convert-model.ts";
import { ensureEnvironment } from "../../src/models/python/environment.ts";
import { runTool } from "../../src/models/python/run-tool.ts";
import { Manifest } from "../../src/models/repository/manifest.ts";
import { parsePolicy } from "../../src/policy/load-policy.ts";
import { startSystem } from "../system.ts";
import { freePorts, servers } from "./servers.ts";

const side = 32;
let folder: string;
let savedModels: string;
/** Has the model `net` in three versions: fp32, fp16, int8. */
let repository: string;
let colours: Buffer[];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-convert-test-"));
  savedModels = join(folder, "saved");
  repository = join(folder, "models");
  colours = await Promise.all(Array.from({ length: 40 }, (_, index) => colourful(index)));
  const { python } = await ensureEnvironment("conversion");
  await runTool(python, ["test/models/saved_models.py", savedModels]);
  for (const precision of ["fp32", "fp16", "int8"] as const) await convert("net", { precision });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A picture of one colour, more or less, and grain; equal for equal indexes. */
async function colourful(index: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3);
  for (let at = 0; at < pixels.length; at++) {
    const prevails = at % 3 === index % 3;
    pixels[at] = (prevails ? 150 : 60) + ((at * 7919 + index * 104_729) % 61) + (index % 11) * 3;
  }
  return await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

const source = {
  description: "40 colourful pictures",
  async *read() {
    for (const [index, bytes] of colours.entries()) yield { name: `picture ${index}`, bytes };
  },
};

const steps: string[] = [];
async function convert(model: string, changes: Partial<ConversionWishes> = {}, signal?: AbortSignal) {
  const wishes: ConversionWishes = {
    savedModel: join(savedModels, model),
    repository,
    name: model,
    backend: "onnxruntime",
    precision: "fp32",
    opset: 17,
    normalise: "0..1",
    activation: "none",
    labels: ["red", "green", "blue"],
    pictures: source,
    calibration: source,
    maxChangedShare: 0.01,
    serving: { maxBatchSize: 8, maxQueueDelayMicroseconds: 1_000, maxQueueSize: 16, instances: 1 },
    rejectedFolder: join(folder, "aside", `${model}-${steps.length}`),
    ...changes,
  };
  const onStep = (step: string) => steps.push(step);
  return await convertModel(wishes, { log: () => undefined, onStep, signal, nowMs: Date.now });
}

const manifestOf = async (path: string) =>
  Manifest.parse(JSON.parse(await readFile(join(path, "manifest.json"), "utf8")));

describe("a converted model", () => {
  test("lies in the repository with its manifest, a version per conversion", async () => {
    expect((await readdir(join(repository, "net"))).toSorted()).toEqual(["1", "2", "3", "config.pbtxt"]);
    const manifests = await Promise.all(["1", "2", "3"].map((version) => manifestOf(join(repository, "net", version))));
    expect(manifests.map(({ version, precision }) => [version, precision])).toEqual([
      [1, "fp32"],
      [2, "fp16"],
      [3, "int8"],
    ]);
    const [first, second] = manifests;
    expect(first).toMatchObject({
      source: { name: "net", signature: "serving_default", tensorflow: "2.21.0" },
      labels: ["red", "green", "blue"],
      accuracy: { reference: "the SavedModel", count: 40, changed: 0, changedBy: "top-label" },
    });
    expect(first?.source.sha256).toBe(second?.source.sha256);
    expect(Object.keys(first?.tools ?? {})).toEqual(["python", "tensorflow", "tf2onnx", "onnx", "onnxruntime"]);
  });

  test("gives the SavedModel's scores: fp32 to five decimals, fp16 to two, int8 nearly", async () => {
    const largest = async (version: string) => {
      const { accuracy } = await manifestOf(join(repository, "net", version));
      return Math.max(...(accuracy?.perClass ?? []).map((each) => each.largest));
    };
    expect(await largest("1")).toBeLessThan(1e-5);
    expect(await largest("2")).toBeLessThan(5e-3);
    expect(await largest("2")).toBeGreaterThan(1e-6);
    expect(await largest("3")).toBeLessThan(0.1);
    expect(await largest("3")).toBeGreaterThan(1e-4);
  });

  test.each(Object.entries(servers))("is served by %s in each precision, to the right labels", async (_, start) => {
    const server = await startServer(start, (config) => config.replace("latest { num_versions: 1 }", "all { }"));
    for (const version of ["1", "2", "3"]) {
      const { scores } = await server.infer(version);
      const tops = Array.from({ length: 40 }, (_, row) => {
        const values = [...scores.subarray(row * 3, row * 3 + 3)];
        return values.indexOf(Math.max(...values));
      });
      expect(tops, version).toEqual(Array.from({ length: 40 }, (_, index) => index % 3));
    }
  });

  test("ends in verdicts, on a real Triton", async () => {
    const server = await startServer(servers["the real Triton"] ?? refuse());
    const policy = join(folder, "policy.yaml");
    await writeFile(policy, redPolicy(0.5));
    const red = await sharp({ create: { width: 640, height: 360, channels: 3, background: "#d02010" } })
      .jpeg()
      .toBuffer();
    const green = await sharp({ create: { width: 640, height: 360, channels: 3, background: "#20c040" } })
      .jpeg()
      .toBuffer();
    await using system = await startSystem({
      env: { BRIAREUS_MODEL_SERVER: server.address, BRIAREUS_MODELS: "net", BRIAREUS_POLICY: policy },
      pictures: (request, response) => {
        response.writeHead(200, { "content-type": "image/jpeg" }).end(request.url === "/0.jpg" ? red : green);
        return true;
      },
    });
    const captures = await system.publish(2);
    const verdicts = await system.untilVerdicts(captures, 60_000);
    const byCapture = new Map(verdicts.map((each) => [each.captureId, each]));
    expect(captures.map((id) => byCapture.get(id)?.verdict)).toEqual(["flagged", "clean"]);
    expect(byCapture.get(captures[0] ?? "")).toMatchObject({
      scores: [{ model: "net", version: "3" }],
      findings: [{ category: "redness", label: "red" }],
    });
  });
});

describe("conversion", () => {
  test("takes a model of bytes as it is, and one with its channels first and logits", async () => {
    const bytes = await convert("bytes", { normalise: undefined });
    // The same network in another shape: it agrees with what was converted before.
    const reference = join(repository, "net/1/model.onnx");
    const first = await convert("channels-first", { activation: "softmax", reference });
    expect(first.manifest.accuracy?.reference).toBe(reference);
    for (const { promoted, manifest } of [bytes, first]) {
      expect(promoted).toBe(true);
      expect(manifest.accuracy?.perClass.every(({ largest }) => largest < 1e-5)).toBe(true);
    }
  });

  test("keeps a model that fails its accuracy out of the repository, and its report", async () => {
    const policy = parsePolicy(redPolicy(0.4, "steep"), "policy.yaml");
    const {
      promoted,
      notes,
      folder: aside,
    } = await convert("steep", { precision: "int8", policy, maxChangedShare: 0.001 });
    expect(promoted).toBe(false);
    expect(notes[0]).toMatch(/^\d+ of 40 pictures \([\d.]+ %\) are judged otherwise, and 0.1 % may$/);
    expect(await readdir(repository)).not.toContain("steep");
    const manifest = await manifestOf(aside);
    expect(manifest).toMatchObject({ version: null, accuracy: { changedBy: "verdict", policy: "colours-1" } });
    expect((await readdir(aside)).toSorted()).toEqual(["manifest.json", "model.onnx"]);
  });

  test("for TensorRT without a GPU tells the command, and promotes nothing", async () => {
    const { promoted, notes, manifest } = await convert("net", {
      backend: "tensorrt",
      name: "plan",
      precision: "int8",
    });
    expect(promoted).toBe(false);
    expect(notes[0]).toContain("the TensorRT step was not run: there is no ");
    expect(manifest.tensorrt).toMatchObject({ ran: false });
    expect(manifest.tensorrt?.command).toContain(
      "--onnx=model.onnx --saveEngine=model.plan --minShapes=images:1x32x32x3 --optShapes=images:4x32x32x3 --maxShapes=images:8x32x32x3 --stronglyTyped",
    );
    expect(await readdir(repository)).not.toContain("plan");
  });

  test.each([
    ["unsupported", {}, 'it uses "Svd", which ONNX (opset 17) has no operator for'],
    ["fixed-inside", {}, "its graph fails on a batch of 16; is another batch size fixed inside?"],
    ["channels-first", {}, "if these are logits, add --activation softmax or sigmoid"],
  ])("of %s says what is wrong, and leaves the repository as it was", async (model, changes, message) => {
    const before = await readdir(repository, { recursive: true });
    await expect(convert(model, { ...changes, name: "wrong" })).rejects.toThrow(message);
    expect(await readdir(repository, { recursive: true })).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("of a model without its variables says so", async () => {
    await rm(join(savedModels, "bytes/variables"), { recursive: true, force: true });
    await expect(convert("bytes", { normalise: undefined, name: "wrong" })).rejects.toThrow(
      "TensorFlow cannot load it: ",
    );
  });

  test("whose Python dies leaves nothing, and says at which step", async () => {
    const before = await readdir(repository, { recursive: true });
    const [command, died] = commandOf("net", "wrong");
    await command.firstStep;
    const children = await runTool("ps", ["-o", "pid=,args=", "--ppid", String(command.pid)]);
    const python = children.split("\n").find((line) => line.includes("convert.py")) ?? "";
    process.kill(Number(/\d+/.exec(python)?.[0]), "SIGKILL");
    expect(await died).toEqual([1, expect.stringContaining("the conversion failed (SIGKILL) at the step")]);
    expect(await readdir(repository, { recursive: true })).toEqual(before);
  });

  test("that is interrupted leaves nothing", async () => {
    const before = await readdir(repository, { recursive: true });
    const [command, ended] = commandOf("net", "wrong");
    await command.firstStep;
    process.kill(command.pid, "SIGINT");
    expect(await ended).toEqual([1, expect.stringContaining("briareus: stopped; the repository is as it was")]);
    expect(await readdir(repository, { recursive: true })).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

/** `briareus model convert`, and how it ends: exit code and standard error. */
function commandOf(model: string, name: string) {
  const options = ["--name", name, "--labels", "red,green,blue", "--normalise", "0..1", "--generated", "2"];
  const args = [
    "src/cli/main.ts",
    "model",
    "convert",
    join(savedModels, model),
    ...options,
    "--repository",
    repository,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const step = Promise.withResolvers<void>();
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk;
    if (said.includes("TensorFlow reads")) step.resolve();
  });
  const ended = once(child, "close").then(([code]) => [code, said]);
  return [{ pid: child.pid ?? 0, firstStep: step.promise }, ended] as const;
}

/** A server of `net` and a client that asks a version for the scores of the colourful pictures. */
async function startServer(start: (typeof servers)[string], change = (config: string) => config) {
  const path = join(repository, "net/config.pbtxt");
  const config = await readFile(path, "utf8");
  await writeFile(path, change(config));
  cleanups.push(() => writeFile(path, config));
  const server = await start(repository, await freePorts());
  cleanups.push(() => server.stop());
  return { address: server.grpcAddress, infer: (version: string) => infer(server.grpcAddress, version) };
}

/** Scores of the colourful pictures by one version, [40, 3] row-major, asked for in batches of 8. */
async function infer(address: string, version: string): Promise<{ scores: Float32Array }> {
  const calls = createUnaryCalls({ address, maxMessageBytes: 4 << 20 });
  const pixels = await Promise.all(colours.map((each) => sharp(each).removeAlpha().raw().toBuffer()));
  const parts = [];
  for (let from = 0; from < pixels.length; from += 8) {
    const request = {
      model_name: "net",
      model_version: version,
      id: "",
      parameters: {},
      inputs: [{ name: "images", datatype: "UINT8", shape: [8, side, side, 3], parameters: {} }],
      outputs: [],
      raw_input_contents: [Buffer.concat(pixels.slice(from, from + 8))],
    };
    const answer = await calls.call("ModelInfer", request, { deadlineAtMs: Date.now() + 30_000 });
    expect(answer.model_version).toBe(version);
    parts.push(...answer.raw_output_contents);
  }
  calls.close();
  return { scores: new Float32Array(new Uint8Array(Buffer.concat(parts)).buffer) };
}

function refuse(): never {
  throw new Error("there is no such server");
}

function redPolicy(threshold: number, model = "net"): string {
  return `version: colours-1
categories:
  redness:
    severity: low
    labels:
      - { model: ${model}, label: red, threshold: ${threshold} }
`;
}
