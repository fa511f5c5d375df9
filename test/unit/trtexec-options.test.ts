import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildTensorRtPlan, trtexecArguments } from "../../src/models/repository/tensorrt-plan.ts";

const shapes = /^[\w.]+:\d+(x\d+)*(,[\w.]+:\d+(x\d+)*)*$/;
const file = /^\S+$/;

/**
 * The options that a build may use, and what each takes, by `trtexec --help` of TensorRT 10 (samples/common/sampleOptions.cpp
 * of github.com/NVIDIA/TensorRT) and the reference of TensorRT 10.8 (docs.nvidia.com/deeplearning/tensorrt/10.8.0/reference/
 * command-line-programs.html). Those that TensorRT 11 took away (--fp16, --int8, --best, --calib and others, "Migrating
 * trtexec Usage from TensorRT 10.x to 11.x") are not among them; there --stronglyTyped is accepted, and always on.
 */
const documented: Record<string, RegExp | undefined> = {
  "--onnx": file,
  "--saveEngine": file,
  "--loadEngine": file,
  "--minShapes": shapes,
  "--optShapes": shapes,
  "--maxShapes": shapes,
  "--shapes": shapes,
  "--memPoolSize": /^workspace:\d+[BKMG]?(iB)?$/,
  "--builderOptimizationLevel": /^[0-5]$/,
  "--timingCacheFile": file,
  "--stronglyTyped": undefined,
  "--skipInference": undefined,
  "--verbose": undefined,
};

const build = {
  onnx: "model.onnx",
  plan: "model.plan",
  input: { name: "images", dims: [224, 224, 3] },
  batch: { min: 1, opt: 8, max: 16 },
};

describe("the command line of trtexec", () => {
  test("has documented options only, each with a value of its kind", () => {
    for (const argument of trtexecArguments(build)) {
      const [, name = "", value] = /^([^=]+)(?:=(.*))?$/.exec(argument) ?? [];
      expect(Object.keys(documented)).toContain(name);
      const kind = documented[name];
      if (kind) expect(value, name).toMatch(kind);
      else expect(value, name).toBeUndefined();
    }
  });

  test("gives all three shapes of the optimisation profile, for two alone are refused", () => {
    expect(trtexecArguments(build)).toEqual([
      "--onnx=model.onnx",
      "--saveEngine=model.plan",
      "--minShapes=images:1x224x224x3",
      "--optShapes=images:8x224x224x3",
      "--maxShapes=images:16x224x224x3",
      "--stronglyTyped",
      "--skipInference",
    ]);
  });
});

describe("a TensorRT plan", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "briareus-trtexec-"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  const program = async (name: string, script: string) => {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  };

  test("is built where trtexec and a GPU are", async () => {
    await program("nvidia-smi", "echo 'GPU 0: NVIDIA T4'");
    await program("trtexec", `echo "$@" > ${folder}/arguments; : > ${folder}/model.plan`);
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
    const outcome = await buildTensorRtPlan(build);
    expect(outcome).toEqual({ ran: true, command: `${folder}/trtexec ${trtexecArguments(build).join(" ")}` });
    expect((await readFile(join(folder, "arguments"), "utf8")).trim()).toBe(trtexecArguments(build).join(" "));
  });

  test("is not built without a GPU or without trtexec; the command is told, and why it was not run", async () => {
    vi.stubEnv("PATH", folder);
    expect(await buildTensorRtPlan(build)).toMatchObject({ ran: false, reason: "there is no trtexec on the PATH" });
    await program("trtexec", "exit 9");
    const outcome = await buildTensorRtPlan(build);
    expect(outcome).toMatchObject({ ran: false, reason: "there is no NVIDIA GPU (nvidia-smi lists none)" });
    expect(outcome.command).toContain("trtexec --onnx=model.onnx --saveEngine=model.plan");
  });

  test("that trtexec cannot build fails with what it said", async () => {
    await program("nvidia-smi", "echo 'GPU 0: NVIDIA T4'");
    await program("trtexec", "echo 'Error[4]: no importer for Foo' >&2; exit 1");
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
    await expect(buildTensorRtPlan(build)).rejects.toThrow("no importer for Foo");
  });
});
