import { expect, test } from "vitest";
import { type ModelInterface, misfitOf } from "../../../src/serving/rollout/misfit.ts";

const faces: ModelInterface = {
  name: "faces",
  input: "images TYPE_UINT8 [224, 224, 3]",
  output: "scores TYPE_FP32 [2]",
  labels: ["calm", "angry"],
};

test("a model of the same input, output and labels fits, and so does one that is new or gone", () => {
  expect(misfitOf([faces], [faces])).toBeUndefined();
  expect(misfitOf([faces], [faces, { ...faces, name: "hands", labels: [] }])).toBeUndefined();
  expect(misfitOf([faces, { ...faces, name: "hands" }], [faces])).toBeUndefined();
});

test("another input, other labels, their order, or none are told of, and what to do", () => {
  expect(misfitOf([faces], [{ ...faces, input: "images TYPE_UINT8 [299, 299, 3]" }])).toBe(
    "faces has the input images TYPE_UINT8 [299, 299, 3], the version that serves images TYPE_UINT8 [224, 224, 3]: keep them, or make a new ModelServer",
  );
  expect(misfitOf([faces], [{ ...faces, labels: ["angry", "calm"] }])).toContain("the labels angry, calm");
  expect(misfitOf([faces], [{ ...faces, labels: [] }])).toContain("the labels none");
});
