import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { severities } from "../../src/capture/verdict.ts";
import { evaluate } from "../../src/policy/evaluate.ts";
import { labelMismatch, modelMismatch } from "../../src/policy/label-mismatch.ts";
import { loadPolicy, PolicyError, parsePolicy } from "../../src/policy/load-policy.ts";
import { Policy } from "../../src/policy/policy.ts";
import { isSampled } from "../../src/policy/sampling.ts";

const policy = Policy.parse({
  version: "test-1",
  categories: {
    mild: { severity: "low", labels: [{ model: "m", label: "Sexy", threshold: 0.9 }] },
    grave: {
      severity: "severe",
      labels: [
        { model: "m", label: "Porn", threshold: 0.8 },
        { model: "other", label: "nude", threshold: 0.5 },
      ],
    },
  },
});
const scored = (scores: Record<string, number>, model = "m") => ({ model, version: "1", scores });

describe("the findings of a capture", () => {
  test("are the categories whose score reaches the threshold", () => {
    expect(evaluate(policy, [scored({ Porn: 0.8, Sexy: 0.89 })])).toEqual([
      {
        category: "grave",
        severity: "severe",
        rule: "single-frame",
        model: "m",
        label: "Porn",
        score: 0.8,
        threshold: 0.8,
      },
    ]);
  });

  test("name per category the label furthest over its threshold, whatever the model", () => {
    const findings = evaluate(policy, [scored({ Porn: 0.95 }), scored({ nude: 0.9 }, "other")]);
    expect(findings.map(({ category, label }) => [category, label])).toEqual([["grave", "nude"]]);
  });

  test("are none for labels that no model scored, nor for scores that are no numbers", () => {
    expect(evaluate(policy, [])).toEqual([]);
    expect(evaluate(policy, [scored({ Porn: Number.NaN })])).toEqual([]);
    const everything = Policy.parse({
      version: "1",
      categories: { any: { severity: "low", labels: [{ model: "m", label: "toString", threshold: 0 }] } },
    });
    expect(evaluate(everything, [scored({})])).toEqual([]);
  });

  test("come worst first", () => {
    const findings = evaluate(policy, [scored({ Porn: 0.81, Sexy: 0.99 })]);
    expect(findings.map(({ category }) => category)).toEqual(["grave", "mild"]);
  });
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const label = fc.constantFrom("a", "b", "c");
const model = fc.constantFrom("m", "n");
const anyPolicy = fc.record({
  version: fc.string({ minLength: 1 }),
  sampleShare: share,
  categories: fc.dictionary(
    fc.string({ minLength: 1, unit: fc.constantFrom("x", "y", "z") }),
    fc.record({
      severity: fc.constantFrom(...severities),
      labels: fc.array(fc.record({ model, label, threshold: share }), { minLength: 1, maxLength: 4 }),
    }),
  ),
});
const anyScores = fc.uniqueArray(
  fc.record({ model, version: fc.constant("1"), scores: fc.dictionary(label, share, { noNullPrototype: true }) }),
  { selector: (entry) => entry.model },
);

describe("of any policy and scores", () => {
  test("a category is found exactly when one of its labels reaches its threshold, and once", () => {
    fc.assert(
      fc.property(anyPolicy, anyScores, (anything, scores) => {
        const found = evaluate(anything, scores).map(({ category }) => category);
        const expected = Object.entries(anything.categories)
          .filter(([, { labels }]) =>
            labels.some((each) => {
              const score = scores.find((entry) => entry.model === each.model)?.scores[each.label];
              return score !== undefined && score >= each.threshold;
            }),
          )
          .map(([category]) => category);
        expect(found.toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  test("a higher score never takes a finding away", () => {
    fc.assert(
      fc.property(anyPolicy, anyScores, share, (anything, scores, more) => {
        const higher = scores.map((entry) => ({
          ...entry,
          scores: Object.fromEntries(Object.entries(entry.scores).map(([name, score]) => [name, score + more])),
        }));
        const found = new Set(evaluate(anything, higher).map(({ category }) => category));
        for (const { category } of evaluate(anything, scores)) expect(found).toContain(category);
      }),
    );
  });

  test("the findings are sorted by severity and then by score", () => {
    fc.assert(
      fc.property(anyPolicy, anyScores, (anything, scores) => {
        const ranks = evaluate(anything, scores).map(({ severity, score }) => severities.indexOf(severity) + score / 2);
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
      }),
    );
  });
});

test("labels that a model does not have, and models that are not asked, are named with what there is instead", () => {
  expect(labelMismatch(policy, "m", ["Sexy", "Neutral"])).toContain(
    'names Porn of model "m", whose labels are Sexy, Neutral',
  );
  expect(labelMismatch(policy, "m", ["Sexy", "Neutral", "Porn"])).toBeUndefined();
  expect(modelMismatch(policy, ["m"])).toContain("names labels of other, and captures are scored by m");
  expect(modelMismatch(policy, ["m", "other"])).toBeUndefined();
});

describe("a policy file", () => {
  const file = (...lines: string[]) => parsePolicy(lines.join("\n"), "policy.yaml");
  const good = ["version: p-1", "categories:", "  c:", "    severity: high", "    labels:"];

  test("that is shipped is valid", async () => {
    const shipped = await loadPolicy("policies/nsfw.yaml");
    expect(shipped.version).toBe("nsfw-1");
    expect(labelMismatch(shipped, "nsfw", ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"])).toBeUndefined();
  });

  test("samples nothing unless it says so", () => {
    expect(file(...good, "      - { model: m, label: l, threshold: 0.5 }").sampleShare).toBe(0);
  });

  test.each([
    [
      "a threshold above 1",
      "      - { model: m, label: l, threshold: 1.5 }",
      "policy.yaml:6: categories.c.labels.0.threshold: ",
    ],
    [
      "a threshold that is no number",
      "      - { model: m, label: l, threshold: high }",
      "policy.yaml:6: categories.c.labels.0.threshold: expected number",
    ],
    [
      "a missing label",
      "      - { model: m, threshold: 0.5 }",
      "policy.yaml:6: categories.c.labels.0.label: expected string",
    ],
    [
      "a field that nobody knows",
      "      - { model: m, label: l, threshold: 0.5, treshold: 1 }",
      "policy.yaml:6: categories.c.labels.0: unknown field treshold",
    ],
    ["a category without labels", "      []", "policy.yaml:6: categories.c.labels: "],
    ["broken YAML", "      - { model: m", "policy.yaml:6: "],
    [
      "a field given twice",
      "      - { model: m, model: n, label: l, threshold: 0.5 }",
      "policy.yaml:6: Map keys must be unique",
    ],
    ["an alias of nothing", "      - *other", "policy.yaml: Unresolved alias"],
  ])("with %s is refused, naming line and field", (_, line, words) => {
    expect(() => file(...good, line)).toThrow(words);
    expect(() => file(...good, line)).toThrow(PolicyError);
  });

  test("with an unknown severity is refused with the severities there are", () => {
    const wrong = () => file("version: p-1", "categories:", "  c:", "    severity: worst", "    labels: []");
    expect(wrong).toThrow(
      'policy.yaml:4: categories.c.severity: Invalid option: expected one of "low"|"medium"|"high"|"severe"',
    );
  });

  test("with several mistakes is refused with a line for each", () => {
    expect(() => file("sampleShare: 2", "categories: {}")).toThrow(
      /^policy\.yaml:1: version: .*\npolicy\.yaml:1: sampleShare: .*$/,
    );
  });

  test("that lacks a field is refused with the line where the fields begin", () => {
    expect(() => file("# house rules", "", "sampleShare: 0.1", "categories: {}")).toThrow("policy.yaml:3: version: ");
  });

  test.each([
    ["is empty", ""],
    ["is a list", "- a"],
    ["is a text", "policy"],
    ["is only a comment", "# to do"],
  ])("that %s is refused as a whole", (_, text) => {
    expect(() => file(text)).toThrow("policy.yaml:1: the file: expected object");
  });

  test("that cannot be read is refused with the variable that names it", async () => {
    await expect(loadPolicy("no/such.yaml")).rejects.toThrow(/no\/such\.yaml cannot be read: ENOENT.*BRIAREUS_POLICY/);
    await expect(loadPolicy("no/such.yaml")).rejects.toMatchObject({ code: "policy" });
  });

  test("that is any text at all is read, or refused as a policy", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(() => file(text)).toThrow(PolicyError);
        },
      ),
    );
  });

  test("that is written from any valid policy is read as that policy", () => {
    fc.assert(
      fc.property(anyPolicy, (anything) => {
        expect(parsePolicy(JSON.stringify(anything), "policy.yaml")).toEqual(Policy.parse(anything));
      }),
    );
  });
});

describe("sampling", () => {
  test("takes about the wanted share, always the same captures, and more of them when more are wanted", () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `capture-${index}`);
    const sampled = (wanted: number) => new Set(ids.filter((id) => isSampled(id, wanted)));
    const [few, many] = [sampled(0.02), sampled(0.2)];
    expect(few.size / ids.length).toBeCloseTo(0.02, 2);
    expect(many.size / ids.length).toBeCloseTo(0.2, 1);
    expect([...few].every((id) => many.has(id))).toBe(true);
    expect(sampled(0.02)).toEqual(few);
  });

  test("takes none at a share of 0 and all at 1", () => {
    fc.assert(
      fc.property(fc.string(), (captureId) => {
        expect([isSampled(captureId, 0), isSampled(captureId, 1)]).toEqual([false, true]);
      }),
    );
  });
});
