import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import type { InferenceClient } from "../../src/inference/inference-client.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createInferStage } from "../../src/workers/infer/infer-stage.ts";
import { inFlight } from "../items.ts";

/** A model with a bug: the second picture's score is no number. */
const client: InferenceClient = {
  metadata: async () => ({
    name: "broken",
    versions: ["1"],
    input: { name: "in", datatype: "UINT8", shape: [-1, 1, 1, 3] },
    output: { name: "out", datatype: "FP32", shape: [-1, 1] },
    maxBatchSize: 8,
    labels: ["bad"],
  }),
  infer: async () => ({ version: "1", labels: ["bad"], scores: Float32Array.of(0.5, Number.NaN, 0.25) }),
  whenAvailable: async () => true,
  close: () => undefined,
};

test("a capture that a model scores with NaN leaves by itself, and its neighbours go on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "briareus-scores-"));
  const blobs = openBlobStore(`file://${folder}`);
  const blob = await blobs.put(new Uint8Array(9), { ttlMs: 60_000 });
  const items = [0, 1, 2].map((row) => ({
    ...inFlight(`capture-${row}`, { deadlineAtMs: Date.now() + 60_000 }),
    image: { blob: "unused", bytes: 1, type: "image/jpeg" },
    tensors: [{ spec: "uint8-nhwc-1x1x3", blob, row, rows: 3 }],
  }));
  const log = createLogger({ level: "silent", role: "test" });
  const stage = createInferStage({ client, blobs, models: ["broken"] });
  const outcomes = await Promise.all(stage.run(items, { signal: new AbortController().signal, log, now: Date.now }));
  expect(outcomes.map((outcome) => (outcome.kind === "reject" ? outcome.reason : outcome.kind))).toEqual([
    "done",
    "invalid-scores",
    "done",
  ]);
  await blobs.close();
  rmSync(folder, { recursive: true });
});
