import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { modelMetadataOf } from "../../src/inference/model-metadata.ts";
import { parseModelConfig } from "../../src/model-server/model-config.ts";
import { configText, type ModelSettings, modelBackends } from "../../src/models/repository/config-text.ts";
import { servedInterface } from "../../src/models/repository/served-interface.ts";

const settings: ModelSettings = {
  name: "faces",
  backend: "onnxruntime",
  input: { name: "images", datatype: "UINT8", dims: [224, 224, 3] },
  output: { name: "scores", datatype: "FP32", dims: [2] },
  labels: ["calm", "angry"],
  maxBatchSize: 16,
  maxQueueDelayMicroseconds: 2_000,
  maxQueueSize: 32,
  instances: 2,
};

describe("a config.pbtxt that is written", () => {
  test("says what is served, how it is batched, and what may wait", () => {
    expect(parseModelConfig(configText(settings), "config.pbtxt", "faces")).toMatchObject({
      name: "faces",
      backend: "onnxruntime",
      max_batch_size: 16,
      input: [{ name: "images", data_type: "TYPE_UINT8", dims: [224, 224, 3] }],
      output: [{ name: "scores", data_type: "TYPE_FP32", dims: [2] }],
      version_policy: { latest: { num_versions: 1 } },
      instance_group: [{ count: 2 }],
      dynamic_batching: {
        preferred_batch_size: [8, 16],
        max_queue_delay_microseconds: 2_000,
        default_queue_policy: { max_queue_size: 32 },
      },
      parameters: { labels: { string_value: "calm,angry" } },
    });
  });

  test("warms the model up with its smallest and its largest batch", () => {
    const rows = (text: string) => [...text.matchAll(/batch_size: (\d+), inputs/g)].map(([, count]) => Number(count));
    expect(rows(configText(settings))).toEqual([1, 16]);
    expect(rows(configText({ ...settings, maxBatchSize: 1 }))).toEqual([1]);
    expect(configText(settings)).toContain(
      'key: "images", value: { data_type: TYPE_UINT8, dims: [ 224, 224, 3 ], zero_data: true }',
    );
  });

  test.each(modelBackends)("names the backend %s and a kind of device that it runs on", (backend) => {
    const text = configText({ ...settings, backend });
    expect(servedInterface(text, "config.pbtxt").backend).toBe(backend);
    expect(text).toContain({ onnxruntime: "KIND_AUTO", tensorrt: "KIND_GPU", python: "KIND_CPU" }[backend]);
  });

  test("is read back with the same labels, whatever is in them, and batches of any size", () => {
    const label = fc
      .string({ unit: "grapheme", minLength: 1 })
      .map((text) => text.replaceAll(/[,\r\n]/g, "").trim())
      .filter((text) => text !== "");
    fc.assert(
      fc.property(
        fc.uniqueArray(label, { minLength: 1 }),
        fc.integer({ min: 1, max: 1024 }),
        (labels, maxBatchSize) => {
          const output = { ...settings.output, dims: [labels.length] };
          const text = configText({ ...settings, labels, output, maxBatchSize });
          const config = parseModelConfig(text, "config.pbtxt", "faces");
          expect(config.max_batch_size).toBe(maxBatchSize);
          const tensor = (name: string, datatype: string, shape: number[]) => ({ name, datatype, shape });
          const metadata = modelMetadataOf(
            {
              name: "faces",
              versions: ["1"],
              platform: "",
              inputs: [tensor("images", "UINT8", [-1, 224, 224, 3])],
              outputs: [tensor("scores", "FP32", [-1, labels.length])],
            },
            config,
          );
          expect(metadata.labels).toEqual(labels);
        },
      ),
    );
  });
});
