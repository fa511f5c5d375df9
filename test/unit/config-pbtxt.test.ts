import { describe, expect, test } from "vitest";
import { parseModelConfig } from "../../src/model-server/model-config.ts";

const tensors = `input { name: "images" data_type: TYPE_UINT8 dims: [ 224, 224, 3 ] }
output { name: "scores" data_type: TYPE_FP32 dims: 5 }
`;
const parse = (text: string) => parseModelConfig(text, "models/faces/config.pbtxt", "faces");

describe("a config.pbtxt", () => {
  test("is read in the forms that Triton's own examples use", () => {
    const config = parse(`
      # the name may be left out
      platform: "onnxruntime_onnx"
      max_batch_size: 32,
      input [
        { name: "images", data_type: TYPE_UINT8, format: FORMAT_NHWC, dims: [ -1, -1, 3 ] }
      ]
      output: < name: 'sc' 'ores'; data_type: TYPE_FP32 dims: [ 5 ] >
      version_policy: { latest { num_versions: 2 } }
      instance_group [ { count: 2 kind: KIND_CPU } ]
      dynamic_batching {
        preferred_batch_size: 8 preferred_batch_size: 16
        max_queue_delay_microseconds: 500
        default_queue_policy { max_queue_size: 64 timeout_action: REJECT }
      }
      optimization { execution_accelerators { gpu_execution_accelerator : [ { name : "tensorrt" } ] } }
      parameters { key: "labels" value: { string_value: "a,b" } }
      parameters [ { key: "note", value: { string_value: "say \\"hi\\"" } } ]
    `);
    expect(config).toMatchObject({
      name: "faces",
      max_batch_size: 32,
      input: [{ name: "images", data_type: "TYPE_UINT8", dims: [-1, -1, 3] }],
      output: [{ name: "scores", data_type: "TYPE_FP32", dims: [5] }],
      version_policy: { latest: { num_versions: 2 } },
      instance_group: [{ count: 2 }],
      dynamic_batching: {
        preferred_batch_size: [8, 16],
        max_queue_delay_microseconds: 500,
        default_queue_policy: { max_queue_size: 64 },
      },
      parameters: { labels: { string_value: "a,b" }, note: { string_value: 'say "hi"' } },
    });
  });

  test("has Triton's defaults where it says nothing", () => {
    const config = parse(tensors);
    expect(config).toMatchObject({
      name: "faces",
      max_batch_size: 0,
      default_model_filename: "model.onnx",
      version_policy: { latest: { num_versions: 1 } },
    });
    expect(config.dynamic_batching).toBeUndefined();
  });

  test.each([
    ["a misspelt field", "\nmax_batchsize: 3", "line 4: max_batchsize: is no field"],
    [
      "an unsupported feature",
      "sequence_batching { }",
      "line 3: sequence_batching: is no field that is known or supported",
    ],
    ["a word for a number", "max_batch_size: many", "line 3: max_batch_size: must be a whole number"],
    ["a field given twice", "max_batch_size: 3\nmax_batch_size: 4", "max_batch_size: is given more than once"],
    ["another backend", 'backend: "tensorrt"', 'line 3: backend: must be "onnxruntime"'],
    ["another name than its folder's", 'name: "bodies"', 'name: "bodies" must be the folder\'s name, "faces"'],
    [
      "a preferred batch beyond the largest",
      "max_batch_size: 2\ndynamic_batching {\n  preferred_batch_size: [ 4 ]\n}",
      "line 5: dynamic_batching.preferred_batch_size: must not exceed max_batch_size (2)",
    ],
    ["batching without batches", "dynamic_batching { }", "line 3: dynamic_batching: needs a max_batch_size"],
    [
      "an unknown datatype",
      'input {\n  name: "x"\n  data_type: TYPE_FOO dims: 1 }',
      "line 5: input.data_type: must be one of TYPE_BOOL",
    ],
    ["an open brace", "dynamic_batching {", "line 3: expected a field's name, found the end"],
    ["an open string", 'name: "faces', 'line 3: cannot read "\\"faces"'],
    ["a scalar without a colon", "max_batch_size 3", 'line 3: max_batch_size: expected ":"'],
  ])("with %s is refused, naming file, line and field", (_, text, message) => {
    expect(() => parse(tensors + text)).toThrow(message);
    expect(() => parse(tensors + text)).toThrow("models/faces/config.pbtxt: ");
  });

  test("without inputs is refused", () => {
    expect(() => parse("max_batch_size: 3")).toThrow("input: is missing");
  });
});
