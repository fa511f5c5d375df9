import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { startTriton } from "../../src/models/triton/start-triton.ts";
import { runCommand } from "../command.ts";
import { batchOf, demoRepository, tensorOf } from "../models.ts";
import { freePorts } from "./servers.ts";

const folder = await mkdtemp(join(tmpdir(), "briareus-build-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what `briareus model build` writes for onnxruntime and for python gives the same scores on a real Triton", async () => {
  await ensureDemoModel(demoRepository);
  for (const backend of ["onnxruntime", "python"]) {
    const args = ["--backend", backend, "--from", demoRepository, "--into", folder, "--name", `nsfw-${backend}`];
    const built = await runCommand(["model", "build", ...args], {});
    expect(built.code, built.errors).toBe(0);
  }
  const triton = await startTriton({ repository: folder, ...(await freePorts()) }, { source: "wheel" });
  const client = createInferenceClient({ address: triton.grpcAddress });
  try {
    const pictures = tensorOf(await batchOf(5));
    const [first, second] = await Promise.all(
      ["nsfw-onnxruntime", "nsfw-python"].map((model) =>
        client.infer(model, pictures, { deadlineAtMs: Date.now() + 30_000 }),
      ),
    );
    expect(first?.labels).toEqual(["Drawing", "Hentai", "Neutral", "Porn", "Sexy"]);
    expect(second?.scores).toEqual(first?.scores);
  } finally {
    client.close();
    await triton.stop();
  }
});
