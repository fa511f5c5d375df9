import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TensorSpec } from "../../src/inference/tensor-spec.ts";
import { commonLabels, rulingOf } from "../../src/models/compare/common-ground.ts";
import { gate } from "../../src/models/compare/compare-models.ts";
import { compareScores } from "../../src/models/compare/compare-scores.ts";
import type { Comparison } from "../../src/models/compare/comparison.ts";
import { decisiveScores } from "../../src/models/compare/decisive-scores.ts";
import { eachOf } from "../../src/models/compare/each-of.ts";
import { comparisonPage } from "../../src/models/compare/page/comparison-page.ts";
import { orderChanged, topChanged } from "../../src/models/compare/rank-changes.ts";
import { classDifference, firstDecimal, histogramRanges } from "../../src/models/compare/score-difference.ts";
import { servedReference } from "../../src/models/compare/served-model.ts";
import { Policy } from "../../src/policy/policy.ts";

const policy = Policy.parse({
  version: "p-1",
  categories: {
    nudity: {
      severity: "high",
      labels: [{ model: "m", label: "Nude", threshold: 0.8 }],
      sustained: { atLeast: 2, ofLast: 3, withinMs: 1_000, threshold: 0.5 },
    },
    gore: { severity: "severe", labels: [{ model: "other", label: "Gore", threshold: 0.5 }] },
  },
});
const labels = ["Clean", "Nude"];
const ruling = { policy, model: "m" };
const scored = (name: string, a: number, b: number) => ({ name, a: [1 - a, a], b: [1 - b, b] });

describe("the decimal place from which scores differ", () => {
  test.each([
    [0.6, 1],
    [0.05, 1],
    [0.0499, 2],
    [0.00005, 4],
    [0.00004, 5],
    [1e-9, 9],
  ])("is of %d the %ith: at least half a unit of it", (largest, place) => {
    expect(firstDecimal(largest)).toBe(place);
  });

  test("is none where nothing differs", () => expect(firstDecimal(0)).toBeNull());
});

describe("the differences of a class", () => {
  test("are the largest, the mean, and which way it goes", () => {
    const { largest, mean, shift } = classDifference("Nude", [0.5, 0.5, 0.5, 0.5], [0.5, 0.25, 0.75, 0.25]);
    expect({ largest, mean, shift }).toEqual({ largest: 0.25, mean: 0.1875, shift: -0.0625 });
  });

  test("are each counted once in the histogram, in the range that holds it", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share)), (pairs) => {
        const { histogram } = classDifference(
          "any",
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
        );
        const differences = pairs.map(([a, b]) => Math.abs(a - b));
        const last = histogramRanges.length - 1;
        const expected = histogramRanges.map(
          ({ from, to }, index) => differences.filter((each) => each >= from && (each < to || index === last)).length,
        );
        expect(histogram).toEqual(expected);
      }),
    );
  });
});

describe("the order of labels", () => {
  const row = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 });

  test("changes when any two labels change places; equal scores have no order", () => {
    fc.assert(
      fc.property(row, row, (a, b) => {
        const places = a.map((_, index) => index);
        const swapped = places.some((i) => places.some((j) => (a[i] ?? 0) > (a[j] ?? 0) && (b[i] ?? 0) < (b[j] ?? 0)));
        expect(orderChanged(a, b)).toBe(swapped);
      }),
    );
  });

  test("has another top only where no label is highest by both", () => {
    expect(topChanged([0.5, 0.5, 0], [0.2, 0.6, 0.2])).toBe(false);
    expect(topChanged([0.6, 0.4], [0.4, 0.6])).toBe(true);
  });
});

describe("compared under a policy", () => {
  test("those pictures change whose score crosses the threshold, and a score equal to it has reached it", () => {
    const { changed, thresholds } = compareScores(
      [scored("same", 0.9, 0.95), scored("lost", 0.8, 0.79), scored("found", 0.75, 0.85), scored("low", 0.1, 0.1)],
      labels,
      ruling,
    );
    expect(changed.pictures.map(({ name, a, b }) => [name, a, b])).toEqual([
      ["lost", "nudity", "clean"],
      ["found", "clean", "nudity"],
    ]);
    expect(changed).toMatchObject({ by: "verdict", count: 2, share: 0.5 });
    const [single, sustained] = thresholds;
    expect(single).toMatchObject({ rule: "single-frame", threshold: 0.8, near: 3, crossed: 2 });
    expect(sustained).toMatchObject({ rule: "sustained", threshold: 0.5, near: 0, crossed: 0 });
    expect(thresholds).toHaveLength(2);
  });

  test("scores near the threshold are those within the largest difference of the class", () => {
    const pictures = [scored("largest", 0.1, 0.2), scored("near", 0.71, 0.71), scored("far", 0.69, 0.69)];
    expect(compareScores(pictures, labels, ruling).thresholds[0]).toMatchObject({ near: 1, crossed: 0 });
  });

  test("a picture that one model gives NaN is changed and told of, and in no other figure", () => {
    const broken = { name: "broken", a: [0.1, 0.9], b: [Number.NaN, Number.NaN] };
    const { changed, notFinite, classes, ranks } = compareScores([broken, scored("ok", 0.2, 0.2)], labels, ruling);
    expect(changed.pictures).toEqual([
      {
        name: "broken",
        a: "nudity",
        b: "unprocessable",
        scores: { a: { Clean: 0.1, Nude: 0.9 }, b: { Clean: null, Nude: null } },
      },
    ]);
    expect(notFinite).toEqual({ a: 0, b: 1 });
    expect(classes.map(({ largest }) => largest)).toEqual([0, 0]);
    expect(ranks).toEqual({ top: 0, order: 0 });
    const both = { ...broken, a: [Number.NaN, 0] };
    expect(compareScores([both], labels, ruling).changed.count).toBe(0);
  });

  test("scores that are no shares are refused: thresholds mean nothing to them", () => {
    const logits = { name: "one", a: [0, 1], b: [-3, 7.25] };
    expect(() => compareScores([logits], labels, ruling)).toThrow("B gives one the score -3.000");
    expect(compareScores([logits], labels, undefined).changed.count).toBe(0);
  });

  test("the score that decided comes first, though another moved further", () => {
    const { changed, thresholds } = compareScores([{ name: "one", a: [0.5, 0.79], b: [0.1, 0.81] }], labels, ruling);
    const [picture] = changed.pictures;
    expect(picture && decisiveScores(picture, thresholds).map(({ label }) => label)).toEqual(["Nude", "Clean"]);
  });
});

test("without a policy the labels with the highest score are compared", () => {
  const { changed, thresholds } = compareScores([scored("one", 0.4, 0.6), scored("two", 0.9, 0.7)], labels, undefined);
  expect(changed.pictures.map(({ name, a, b }) => [name, a, b])).toEqual([["one", "Clean", "Nude"]]);
  expect(changed.by).toBe("top-label");
  expect(thresholds).toEqual([]);
});

const comparison = (parts: Partial<Comparison> = {}): Comparison => ({
  comparedAt: "2026-03-01T12:00:00.000Z",
  a: { reference: "old", input: "uint8-nhwc-8x8x3" },
  b: { reference: "new", input: "uint8-nhwc-8x8x3" },
  labels,
  policy: { version: "p-1", model: "m" },
  pictures: { description: "1000 generated pictures", compared: 1_000, unreadable: [] },
  ...compareScores([scored("one", 0.79, 0.81)], labels, ruling),
  ...parts,
});

describe("the gate", () => {
  const changedBy = (count: number) =>
    comparison({ changed: { by: "verdict", count, share: count / 1_000, pictures: [] } });

  test("lets pass what changes no more than is allowed, and says of the rest by how much", () => {
    expect(gate(changedBy(1), 0.001)).toBeUndefined();
    expect(gate(changedBy(0), 0)).toBeUndefined();
    expect(gate(changedBy(2), 0.001)).toBe("2 of 1000 pictures (0.2 %) are judged otherwise, and 0.1 % may");
  });
});

describe("models that do not fit together are refused, with both sides:", () => {
  const spec = { width: 8, height: 8 } as TensorSpec;
  const model = (parts: object) => ({ reference: "a", labels: ["x", "y"], classes: 2, spec, ...parts });

  test.each([
    ["other labels", { labels: ["x", "z"] }, "the models have different labels: a x, y; b x, z"],
    ["another order of them", { labels: ["y", "x"] }, "different labels: a x, y; b y, x"],
    ["more scores", { labels: undefined, classes: 3 }, "different numbers of scores: a 2 (x, y); b 3"],
    ["other sizes", { spec: { ...spec, width: 16 } }, "pictures of different sizes: a 8x8; b 16x8"],
  ])("%s", (_, parts, words) => {
    expect(() => commonLabels(model({}), model({ reference: "b", ...parts }))).toThrow(words);
  });

  test("a file without labels has those of the other, those given, or numbers", () => {
    const bare = model({ labels: undefined });
    expect(commonLabels(bare, model({}))).toEqual(["x", "y"]);
    expect(commonLabels(bare, bare, ["p", "q"])).toEqual(["p", "q"]);
    expect(commonLabels(bare, bare)).toEqual(["class 0", "class 1"]);
    expect(() => commonLabels(bare, bare, ["p"])).toThrow("there are 2 scores and 1 labels (p)");
  });

  test("the policy means the model of that name, the one named, or the only one that it knows", () => {
    const named = (name?: string) => ({ ...model({ labels }), name });
    const meant = (a?: string, b?: string, as?: string) =>
      rulingOf(policy, { a: named(a), b: named(b), labels, as }).model;
    expect(meant("m", "m-int8")).toBe("m");
    expect(meant("m-fp32", "m")).toBe("m");
    expect(meant("x", "y", "m")).toBe("m");
    expect(() => meant("x", "y")).toThrow('the policy "p-1" names labels of m, other, and not of x or y');
    expect(() => meant("m", "m", "faces")).toThrow("and not of faces");
    expect(() => meant("other")).toThrow('names Gore of model "other", whose labels are Clean, Nude');
    const only = Policy.parse({ version: "1", categories: { nudity: policy.categories.nudity } });
    expect(rulingOf(only, { a: named(), b: named(), labels }).model).toBe("m");
  });
});

test.each([
  ["triton:8001/nsfw", { address: "triton:8001", model: "nsfw" }],
  ["10.0.0.1:8001/nsfw/3", { address: "10.0.0.1:8001", model: "nsfw", version: "3" }],
  ["[::1]:8001/nsfw", { address: "[::1]:8001", model: "nsfw" }],
  ["models/nsfw/3", undefined],
  ["/data/models:1/nsfw", undefined],
])("%s names a model on a server, or none", (reference, expected) => {
  const served = servedReference(reference);
  if (expected) expect(served).toMatchObject(expected);
  else expect(served).toBeUndefined();
});

describe("the page", () => {
  test("shows what others named as text, and reaches for nothing outside itself", () => {
    const hostile = `<img src=x onerror="alert(1)">'&.jpg`;
    const page = comparisonPage(
      comparison({
        ...compareScores([scored(hostile, 0.79, 0.81)], labels, ruling),
        b: { reference: hostile, input: "x" },
        pictures: { description: hostile, compared: 1, unreadable: [{ name: hostile, reason: hostile }] },
      }),
      { previews: new Map([[hostile, Buffer.from("jpeg")]]) },
    );
    expect(page).not.toContain("<img src=x");
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;.jpg");
    expect(page).toContain('src="data:image/jpeg;base64,anBlZw=="');
    expect(page).not.toMatch(/https?:|<script|@import|url\(/);
  });

  test("says whether it is accepted", () => {
    const page = (refusal: string | undefined) =>
      comparisonPage(comparison(), { previews: new Map(), gate: { maxChanged: 0.001, refusal } });
    expect(page(undefined)).toContain("Accepted: 0.1 % may change");
    expect(page("too many")).toContain("Not accepted: 0.1 % may change");
  });

  test("has no more than fifty pictures", () => {
    const pictures = Array.from({ length: 60 }, (_, index) => scored(`picture ${index}`, 0.7, 0.9));
    const page = comparisonPage(comparison(compareScores(pictures, labels, ruling)), { previews: new Map() });
    expect(page).toContain("The first 50 of 60.");
    expect(page).toContain("picture 49");
    expect(page).not.toContain("picture 50");
  });
});

describe("work on many things", () => {
  async function* numbers(count: number) {
    for (let number = 0; number < count; number++) yield number;
  }

  test("is done on so many at once, each with its place", async () => {
    let [underWay, most] = [0, 0];
    const done: number[] = [];
    await eachOf(numbers(20), { atOnce: 3 }, async (number, index) => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      done[index] = number;
    });
    expect(most).toBe(3);
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("ends with the first failure, which the others are told of", async () => {
    const seen: number[] = [];
    let told: unknown;
    const all = eachOf(numbers(100), { atOnce: 2 }, async (number, _, signal) => {
      seen.push(number);
      if (number === 1) throw new Error("the second");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      told = signal.reason;
    });
    await expect(all).rejects.toThrow("the second");
    expect(told).toEqual(new Error("the second"));
    expect(seen.length).toBeLessThan(5);
  });
});
