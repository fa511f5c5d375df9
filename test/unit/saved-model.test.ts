import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkLabels, checkPolicy } from "../../src/models/convert/check-labels.ts";
import { chooseSignature, type SignatureWishes } from "../../src/models/convert/choose-signature.ts";
import { normalisationFor } from "../../src/models/convert/normalisation.ts";
import { readSavedModel } from "../../src/models/convert/read-saved-model.ts";
import { parsePolicy } from "../../src/policy/load-policy.ts";
import { classifier, dtype, type SignaturesOf, savedModelBytes, writeSavedModel } from "../saved-models.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-saved-model-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function chosen(signatures: SignaturesOf, wishes?: SignatureWishes) {
  await writeSavedModel(folder, signatures);
  return chooseSignature(await readSavedModel(folder), wishes);
}

const signature = (input: object, output: object = {}): SignaturesOf => ({
  serving_default: {
    inputs: { pictures: { dtype: dtype.float32, shape: [-1, 224, 224, 3], ...input } },
    outputs: { scores: { dtype: dtype.float32, shape: [-1, 5], ...output } },
  },
});
const two = { ...classifier, features: classifier.serving_default } as SignaturesOf;

describe("a SavedModel", () => {
  test("with one signature that takes pictures is taken as it is", async () => {
    expect(await chosen(classifier)).toEqual({
      name: "serving_default",
      input: { key: "pictures", dtype: "float32", layout: "nhwc", height: 224, width: 224 },
      output: { key: "scores", classes: 5 },
    });
  });

  test("may take bytes, have its channels first, or be of any size that is then said", async () => {
    expect((await chosen(signature({ dtype: dtype.uint8 }))).input.dtype).toBe("uint8");
    expect((await chosen(signature({ shape: [-1, 3, 96, 128] }))).input).toMatchObject({
      layout: "nchw",
      height: 96,
      width: 128,
    });
    const size = { width: 320, height: 240 };
    expect((await chosen(signature({ shape: [-1, -1, -1, 3] }), { size })).input).toMatchObject(size);
  });

  test("of Keras's export, one function under two names, needs no --signature", async () => {
    const both = { serve: classifier.serving_default, serving_default: classifier.serving_default } as SignaturesOf;
    expect((await chosen(both)).name).toBe("serving_default");
  });

  test("with several signatures or outputs is converted by the one that is named", async () => {
    expect((await chosen(two, { signature: "features" })).name).toBe("features");
    const outputs = { scores: { shape: [-1, 5] }, features: { shape: [-1, 1280] } };
    const several = { serving_default: { ...signature({}).serving_default, outputs } } as SignaturesOf;
    expect((await chosen(several, { output: "scores" })).output).toEqual({ key: "scores", classes: 5 });
    await expect(chosen(several)).rejects.toThrow("has 2 outputs");
    await expect(chosen(several, { output: "logits" })).rejects.toThrow('has no output "logits"; it has "features"');
  });

  test.each<[string, SignaturesOf, SignatureWishes, string]>([
    [
      "several signatures lists them and asks",
      two,
      {},
      'has 2 signatures ("features": "pictures" float32 [None, 224, 224, 3] → "scores" float32 [None, 5]; "serving_default": "pictures" float32 [None, 224, 224, 3] → "scores" float32 [None, 5]): say which with --signature NAME',
    ],
    ["a signature that is not there", two, { signature: "serve" }, 'has no signature "serve"; it has "features"'],
    ["no signature", {}, {}, "has no signatures: export it with one"],
    [
      "a fixed batch size says which, and how to export it anew",
      signature({ shape: [8, 224, 224, 3] }),
      {},
      '"pictures" float32 [8, 224, 224, 3] has the fixed batch size 8: export it with the first dimension None, such as tf.TensorSpec([None, 224, 224, 3], tf.float32)',
    ],
    ["one channel", signature({ shape: [-1, 224, 224, 1] }), {}, "has 1 channels; pictures have 3 (RGB)"],
    ["a flat input", signature({ shape: [-1, 150_528] }), {}, "is no batch of pictures"],
    ["an input of any rank", signature({ shape: undefined }), {}, '"pictures" float32 of any shape is no batch'],
    ["encoded pictures", signature({ dtype: dtype.string, shape: [-1] }), {}, "takes encoded pictures"],
    ["whole numbers", signature({ dtype: dtype.int32 }), {}, "it must be uint8, float32 or float16"],
    ["pictures of any size", signature({ shape: [-1, -1, -1, 3] }), {}, "say which it was trained on, with --size"],
    [
      "another size than is asked for",
      classifier,
      { size: { width: 299, height: 299 } },
      "takes pictures of one size, and not 299x299",
    ],
    ["boxes for scores", signature({}, { shape: [-1, 100, 4] }), {}, "is no score per class"],
    ["class numbers for scores", signature({}, { dtype: dtype.int32 }), {}, "is no score per class"],
  ])("with %s", async (_, signatures, wishes, message) => {
    await expect(chosen(signatures, wishes)).rejects.toThrow(message);
  });

  test("with several inputs is refused, listing them", async () => {
    const inputs = { pictures: { shape: [-1, 9, 9, 3] }, mask: { shape: [-1, 9, 9] } };
    const model = { serving_default: { ...signature({}).serving_default, inputs } } as SignaturesOf;
    await expect(chosen(model)).rejects.toThrow('has 2 inputs ("mask" float32 [None, 9, 9], "pictures"');
  });

  test("without saved_model.pb is none", async () => {
    await expect(readSavedModel(join(folder, "nothing"))).rejects.toThrow("is no SavedModel: it has no saved_model.pb");
  });

  test("that was cut off anywhere is refused", async () => {
    const whole = savedModelBytes(classifier);
    for (const length of [0, 1, 7, Math.floor(whole.length / 2), whole.length - 1]) {
      await writeFile(join(folder, "saved_model.pb"), whole.subarray(0, length));
      const read = readSavedModel(folder).then((model) => chooseSignature(model));
      await expect(read, `${length} bytes`).rejects.toThrow(/is damaged or cut off|has no graph with the tag/);
    }
  });

  test("that is for training only names the tags that it has", async () => {
    await writeSavedModel(folder, classifier, ["train"]);
    await expect(readSavedModel(folder)).rejects.toThrow('has no graph with the tag "serve"; it has [train]');
  });
});

describe("normalisation", () => {
  test("is asked for where the model takes float pictures, for a wrong guess would not show", () => {
    expect(() => normalisationFor("float32", undefined)).toThrow(
      "say what it was trained on with --normalise none, 0..1",
    );
    expect(normalisationFor("float32", "-1..1").mean).toEqual([127.5, 127.5, 127.5]);
    expect(normalisationFor("float32", "imagenet-caffe").order).toBe("bgr");
    expect(normalisationFor("float32", "1,2,3/4,5,6")).toEqual({ order: "rgb", mean: [1, 2, 3], deviation: [4, 5, 6] });
  });

  test("is the model's own where it takes bytes", () => {
    expect(normalisationFor("uint8", undefined).deviation).toEqual([1, 1, 1]);
    expect(() => normalisationFor("uint8", "0..1")).toThrow("normalises them itself: leave --normalise 0..1 out");
  });

  test.each(["0-1", "1,2,3", "1,2/3,4", "1,2,3/4,5,0", "1,2,x/4,5,6", "1,2,3/4,5,6/7"])("%s is not known", (text) => {
    expect(() => normalisationFor("float32", text)).toThrow(`--normalise ${text} is not known`);
  });
});

describe("labels", () => {
  test("must be as many as the scores, and tell classes apart", () => {
    expect(() => checkLabels(["a", "b"], 2, "faces")).not.toThrow();
    expect(() => checkLabels(["a", "b"], 3, "faces")).toThrow("faces gives 3 scores, and there are 2 labels (a, b)");
    expect(() => checkLabels(["a", "b", "a"], 3, "faces")).toThrow('the label "a" is there more than once');
    expect(() => checkLabels(["a,b", "c"], 2, "faces")).toThrow('the label "a,b" must have no comma');
  });

  test("that the policy names and the model lacks are refused, listing both", () => {
    const policy = parsePolicy(
      `version: house-3
categories:
  harm:
    severity: severe
    labels:
      - { model: faces, label: Gore, threshold: 0.5 }
      - { model: faces, label: a, threshold: 0.5 }
      - { model: another, label: Knife, threshold: 0.5 }`,
      "policy.yaml",
    );
    expect(() => checkPolicy(policy, "faces", ["a", "b"])).toThrow(
      `the policy "house-3" names Gore of model "faces", whose labels are a, b`,
    );
    expect(() => checkPolicy(policy, "faces", ["a", "Gore"])).not.toThrow();
  });
});
