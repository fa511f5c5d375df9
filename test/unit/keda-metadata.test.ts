import { expect, test } from "vitest";
import { readTrigger } from "../../src/scaling/keda/metadata.ts";
import { limits } from "../scaling.ts";

const defaults = { fetch: limits, preprocess: limits, infer: limits, postprocess: limits };
const read = (metadata: Record<string, string>) =>
  readTrigger({ name: "live-fetch", namespace: "live", scalerMetadata: metadata }, defaults);

test("a trigger names its stage, and limits where it has its own", () => {
  const address = { scalerAddress: "scaler.live.svc:6000" };
  expect(read({ ...address, stage: "fetch" })).toEqual({ trigger: { stage: "fetch", limits: {} } });
  expect(read({ ...address, stage: "infer", min: "0", max: "40", goal: "1.5s" })).toEqual({
    trigger: { stage: "infer", limits: { min: 0, max: 40, goalMs: 1_500 } },
  });
  expect(read({ stage: "infer", goal: "500ms" })).toEqual({ trigger: { stage: "infer", limits: { goalMs: 500 } } });
});

test.each([
  [{}, "stage must be fetch, preprocess, infer, postprocess"],
  [{ stage: "fetsch" }, "stage must be fetch, preprocess, infer, postprocess"],
  [{ stage: "toString" }, "stage must be fetch, preprocess, infer, postprocess"],
  [{ stage: "fetch", min: "-1" }, "min is a whole number of workers from 0 to 1,000"],
  [{ stage: "fetch", min: "1.5" }, "min is a whole number of workers from 0 to 1,000"],
  [{ stage: "fetch", max: "1e3" }, "max is a whole number of workers from 1 to 1,000; to stop a stage, pause it"],
  [{ stage: "fetch", max: "1001" }, "max is a whole number of workers from 1 to 1,000; to stop a stage, pause it"],
  [{ stage: "fetch", max: "" }, "max is a whole number of workers from 1 to 1,000; to stop a stage, pause it"],
  [{ stage: "fetch", goal: "3" }, "goal is a time from 0.1 to 3600 seconds, such as 3s or 500ms"],
  [{ stage: "fetch", goal: "1ms" }, "goal is a time from 0.1 to 3600 seconds, such as 3s or 500ms"],
  [{ stage: "fetch", min: "7", max: "3" }, "min is 7 and max is 3, less than that"],
  [{ stage: "fetch", min: "11" }, "min is 11 and max is 10, less than that"],
])("%o is refused in words", (metadata, words) => {
  expect(read(metadata)).toEqual({ refusal: `ScaledObject "live-fetch", metadata: ${words}` });
});
