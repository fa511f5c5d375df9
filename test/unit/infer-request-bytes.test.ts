import fc from "fast-check";
import { expect, test } from "vitest";
import { inferRequestBytes } from "../../src/inference/infer-request-bytes.ts";
import { inferenceService, type ModelInferRequest } from "../../src/inference/protocol.ts";

const { requestDeserialize } = inferenceService.ModelInfer;

/** Lengths around those at which their own encoding gets another byte, too. */
const length = fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 16_383, 16_384, 2_097_151, 2_097_152));
const tensor = fc.tuple(length, fc.nat(255)).map(([bytes, value]) => new Uint8Array(bytes).fill(value));

test("a request is read as what was written, in memory that held something else", () => {
  fc.assert(
    fc.property(fc.array(tensor, { maxLength: 3 }), fc.string({ maxLength: 20 }), (tensors, name) => {
      const request: ModelInferRequest = {
        model_name: name,
        inputs: tensors.map((_, index) => ({ name: `input-${index}`, datatype: "UINT8", shape: [1, 300_000, 3] })),
        outputs: [{ name: "scores" }],
        raw_input_contents: tensors,
      };
      const bytes = inferRequestBytes(request, (wanted) => Buffer.alloc(wanted + 9, 0xee).subarray(5, 5 + wanted));
      const read = requestDeserialize(bytes);
      expect(read).toMatchObject({ model_name: name, inputs: request.inputs, outputs: request.outputs });
      expect(read.raw_input_contents.map((each) => Buffer.compare(each, tensors.shift() ?? Buffer.of(1)))).toEqual(
        request.inputs.map(() => 0),
      );
    }),
    { numRuns: 60 },
  );
});
