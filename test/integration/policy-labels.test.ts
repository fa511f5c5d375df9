/** The policy's labels and the model's: where they do not fit, nothing is scored, least of all as clean. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { type ModelServer, startModelServer } from "../../src/model-server/start-model-server.ts";
import { parsePolicy } from "../../src/policy/load-policy.ts";
import { withPolicyLabels } from "../../src/workers/infer/policy-labels.ts";
import { batchOf, repositoryWith, type TemporaryRepository, tensorOf } from "../models.ts";

const policyText = (model: string, label: string) => `version: p-1
categories:
  nudity: { severity: high, labels: [{ model: ${model}, label: ${label}, threshold: 0.5 }] }
`;

let repository: TemporaryRepository;
let server: ModelServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "briareus-policy-"));
  repository = await repositoryWith();
  server = await startModelServer({ repository: repository.folder, threads: 1 });
});
afterAll(async () => {
  await server.stop();
  await repository[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function startInfer(policy: string) {
  const file = join(folder, "policy.yaml");
  writeFileSync(file, policy);
  const env = { ...process.env, BRIAREUS_POLICY: file, BRIAREUS_MODEL_SERVER: server.grpcAddress };
  const child = spawn(process.execPath, ["src/cli/main.ts", "worker", "infer"], {
    env: { ...env, REDIS_URL: "redis://127.0.0.1:1", BRIAREUS_LOG_LEVEL: "silent" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const words = text(child.stderr);
  const [code] = await once(child, "exit");
  return { code, words: await words };
}

test("infer does not start where the policy names a label that the model lacks, and lists both", async () => {
  const { code, words } = await startInfer(policyText("nsfw", "Nudity"));
  expect(code).toBe(2);
  expect(words).toContain(
    'names Nudity of model "nsfw", whose labels are Drawing, Hentai, Neutral, Porn, Sexy: mend the policy',
  );
});

test("nor where it names a model that is not asked", async () => {
  const { code, words } = await startInfer(policyText("faces", "minor"));
  expect(code).toBe(2);
  expect(words).toContain("names labels of faces, and captures are scored by nsfw");
});

test("a policy that is edited while the worker runs, and no longer fits, scores nothing", async () => {
  const [fits, misfits] = ["Porn", "Nudity"].map((label) => parsePolicy(policyText("nsfw", label), "policy.yaml"));
  if (!fits || !misfits) throw new Error("both are policies");
  let policy = fits;
  const client = withPolicyLabels(createInferenceClient({ address: server.grpcAddress }), () => policy);
  const limits = { deadlineAtMs: Date.now() + 30_000 };
  const picture = tensorOf(await batchOf(1));
  expect((await client.infer("nsfw", picture, limits)).scores).toHaveLength(5);
  policy = misfits;
  await expect(client.infer("nsfw", picture, limits)).rejects.toMatchObject({
    code: "bad-request",
    message: expect.stringContaining("names Nudity"),
  });
  client.close();
});
