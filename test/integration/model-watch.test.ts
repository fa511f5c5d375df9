/** What ops is told of the models' versions, by our own model server. */
import { expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { startModelServer } from "../../src/model-server/start-model-server.ts";
import { createModelWatch } from "../../src/review/ops/model-watch.ts";
import { batchOf, repositoryWith, tensorOf } from "../models.ts";

test("versions are told with batch, queue and computing time of the last minute, and with why a server says nothing", async () => {
  await using repository = await repositoryWith();
  const server = await startModelServer({ repository: repository.folder });
  let nowMs = 1_000_000;
  const port = server.grpcAddress.split(":").at(-1);
  const watch = createModelWatch(`localhost:${port}`, () => nowMs);
  const client = createInferenceClient({ address: server.grpcAddress });

  const first = await watch.read();
  expect(first).toMatchObject({ problem: null, models: [{ model: "nsfw", version: "1", state: "ready", servers: 1 }] });
  expect(first.models[0]).toMatchObject({ perSecond: null, meanBatch: null, queueMs: null, computeMs: null });

  await client.infer("nsfw", tensorOf(await batchOf(3)), { deadlineAtMs: Date.now() + 50_000 });
  nowMs += 10_000;
  const [figures] = (await watch.read()).models;
  expect(figures).toMatchObject({ perSecond: 0.3, failedPerSecond: 0, meanBatch: 3 });
  expect(figures?.computeMs ?? 0).toBeGreaterThan(0);
  expect(figures?.queueMs ?? -1).toBeGreaterThanOrEqual(0);

  nowMs += 70_000;
  await watch.read();
  nowMs += 5_000;
  expect((await watch.read()).models[0]).toMatchObject({ perSecond: 0, meanBatch: null });

  await server.stop({ drainMs: 0 });
  const away = await watch.read();
  expect(away.problem).toContain("ModelStatistics");
  expect(away.models[0]).toMatchObject({ model: "nsfw", version: "1" });
  client.close();
  watch.close();
});

test("a name that stands for nothing is a problem in words, and no error", async () => {
  const watch = createModelWatch("no-such-host.invalid:8001", Date.now);
  expect(await watch.read()).toMatchObject({ at: null, models: [], problem: expect.stringContaining("no-such-host") });
  watch.close();
});
