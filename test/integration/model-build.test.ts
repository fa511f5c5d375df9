import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { startModelServer } from "../../src/model-server/start-model-server.ts";
import { Manifest } from "../../src/models/repository/manifest.ts";
import { runCommand } from "../command.ts";
import { batchOf, demoRepository, tensorOf } from "../models.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-build-"));
  await ensureDemoModel(demoRepository);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const build = (...args: string[]) =>
  runCommand(["model", "build", "--from", demoRepository, ...args], { BRIAREUS_DATA: join(folder, "data") });

describe("briareus model build", () => {
  test("writes a repository for onnxruntime that serves the same scores", async () => {
    const into = join(folder, "onnxruntime");
    expect(await build("--into", into)).toMatchObject({ code: 0 });
    const pictures = tensorOf(await batchOf(3));
    const scores = [];
    for (const repository of [demoRepository, into]) {
      const server = await startModelServer({ repository, threads: 1 });
      const client = createInferenceClient({ address: server.grpcAddress });
      scores.push((await client.infer("nsfw", pictures, { deadlineAtMs: Date.now() + 30_000 })).scores);
      client.close();
      await server.stop();
    }
    expect(scores[1]).toEqual(scores[0]);
  });

  test("writes one for python, with the program that runs the model", async () => {
    const into = join(folder, "python");
    expect(await build("--backend", "python", "--into", into, "--name", "faces")).toMatchObject({ code: 0 });
    expect((await readdir(join(into, "faces/1"))).toSorted()).toEqual(["manifest.json", "model.onnx", "model.py"]);
    expect(await readFile(join(into, "faces/config.pbtxt"), "utf8")).toContain('backend: "python"');
  });

  test("for tensorrt without a GPU tells the command and writes no model", async () => {
    const into = join(folder, "tensorrt");
    const { code, errors } = await build("--backend", "tensorrt", "--into", into, "--max-batch", "32");
    expect(code).toBe(1);
    expect(errors).toContain("briareus: nsfw is not promoted: the TensorRT step was not run: there is no ");
    expect(errors).toContain("--optShapes=images:16x224x224x3 --maxShapes=images:32x224x224x3");
    expect(await readdir(into)).toEqual([]);
    const [aside = ""] = await readdir(join(folder, "data/not-promoted"));
    const text = await readFile(join(folder, "data/not-promoted", aside, "manifest.json"), "utf8");
    expect(Manifest.parse(JSON.parse(text))).toMatchObject({ version: null, tensorrt: { ran: false } });
  });

  test("says what is wrong with what it is given", async () => {
    const model = join(demoRepository, "nsfw/1/model.onnx");
    await writeFile(join(folder, "broken.onnx"), "no model");
    const cases = [
      [[model, "--labels", "a,b"], 1, `${model} gives 5 scores, and there are 2 labels (a, b)`],
      [[model], 2, "name the classes of "],
      [[join(folder, "broken.onnx"), "--labels", "a,b"], 1, "broken.onnx cannot be loaded as an ONNX model: "],
      [["faces"], 1, "faces/config.pbtxt: cannot be read"],
      [["--name", "../faces"], 2, "must have 1 to 100 letters"],
    ] as const;
    for (const [args, code, message] of cases) {
      const result = await build("--into", join(folder, "wrong"), ...args);
      expect(result, message).toMatchObject({ code, errors: expect.stringContaining(message) });
    }
  });
});
