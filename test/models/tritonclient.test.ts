import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { inferenceService } from "../../src/inference/protocol.ts";
import { startModelServer } from "../../src/model-server/start-model-server.ts";
import { findInterpreter } from "../../src/models/python/interpreter.ts";
import { repositoryWith } from "../models.ts";

const run = promisify(execFile);
const environment = resolve(".briareus/venv/tritonclient");
const requirements = resolve("test/tritonclient/requirements.txt");

test("a request is written under the protocol's published field numbers", () => {
  const bytes = inferenceService.ModelInfer.requestSerialize({
    model_name: "m",
    inputs: [{ name: "i", datatype: "UINT8", shape: [1, 2] }],
    raw_input_contents: [Uint8Array.of(7, 8)],
  });
  const input = "0a0169" + "120555494e5438" + "1a020102";
  expect(bytes.toString("hex")).toBe(`0a016d${"2a0e"}${input}${"3a020708"}`);
});

test("Triton's own Python client is satisfied with our model server", { timeout: 240_000 }, async () => {
  const python = await tritonclient();
  await using repository = await repositoryWith();
  const server = await startModelServer({ repository: repository.folder });
  const { stdout } = await run(python, ["test/tritonclient/check.py", server.grpcAddress]).finally(() => server.stop());
  expect(JSON.parse(stdout)).toEqual({
    live: true,
    ready: true,
    model_ready: true,
    unknown_ready: false,
    server: {
      name: "briareus-model-server",
      extensions: ["model_repository", "model_configuration", "statistics"],
    },
    metadata: {
      versions: ["1"],
      platform: "onnxruntime_onnx",
      input: [["images", "UINT8", [-1, 224, 224, 3]]],
      output: [["scores", "FP32", [-1, 5]]],
    },
    config: {
      max_batch_size: 16,
      input: [["images", 2, [224, 224, 3]]],
      versions: 1,
      preferred: [8, 16],
      queue: 32,
      labels: "Drawing,Hentai,Neutral,Porn,Sexy",
    },
    infer: { id: "check", version: "1", shape: [3, 5], sums: [1, 1, 1] },
    statistics: { inference_count: 3, success: 1, batch: 3 },
    index: [["nsfw", "1", "READY"]],
    errors: {
      unknown: ["StatusCode.NOT_FOUND", "Request for unknown model: 'faces' is not found"],
      shape: ["StatusCode.INVALID_ARGUMENT", expect.stringContaining("Expected [-1,224,224,3], got [1,3,2,2]")],
    },
    unloaded_ready: false,
    loaded_ready: true,
  });
});

/** The Python of a virtual environment with Triton's client in it. */
async function tritonclient(): Promise<string> {
  const python = join(environment, "bin/python");
  const marker = join(environment, "installed.txt");
  const wanted = await readFile(requirements, "utf8");
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return python;
  await mkdir(environment, { recursive: true });
  await run(findInterpreter().program, ["-m", "venv", "--clear", environment]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  await writeFile(marker, wanted);
  return python;
}
