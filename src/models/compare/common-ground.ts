import { labelMismatch } from "../../policy/label-mismatch.ts";
import type { Policy } from "../../policy/policy.ts";
import { CompareError } from "./compare-error.ts";
import type { Ruling } from "./judge.ts";
import type { OpenModel } from "./open-model.ts";

type Described = Pick<OpenModel, "reference" | "name" | "labels" | "classes" | "spec">;

/**
 * The labels of both models: those given, or those that one or both of them name; numbers where nobody has any.
 * @throws CompareError `wrong-input` for models whose labels, number of scores or size of pictures differ
 */
export function commonLabels(a: Described, b: Described, given?: readonly string[]): readonly string[] {
  const sizes = [a, b].map(({ spec }) => `${spec.width}x${spec.height}`);
  if (sizes[0] !== sizes[1]) throw differing("take pictures of different sizes", a, sizes[0], b, sizes[1]);
  if (!given && a.labels && b.labels && a.labels.join() !== b.labels.join())
    throw differing("have different labels", a, a.labels.join(", "), b, b.labels.join(", "));
  const [countA, countB] = [a, b].map(({ labels, classes }) => classes ?? labels?.length);
  if (countA !== undefined && countB !== undefined && countA !== countB)
    throw differing("give different numbers of scores", a, inWords(a, countA), b, inWords(b, countB));
  const count = countA ?? countB;
  const labels = given ?? a.labels ?? b.labels ?? Array.from({ length: count ?? 0 }, (_, index) => `class ${index}`);
  if (labels.length === 0)
    throw new CompareError(
      "wrong-input",
      `neither ${a.reference} nor ${b.reference} says which classes it has: list them with --labels`,
    );
  if (count !== undefined && count !== labels.length)
    throw new CompareError(
      "wrong-input",
      `there are ${count} scores and ${labels.length} labels (${labels.join(", ")})`,
    );
  return labels;
}

/**
 * The policy, and the model that it means: the one named, else A or B by its name, else the only one that it knows. A
 * policy may know further models; their labels are left out.
 * @throws CompareError `wrong-input` where it means none of these, or names labels that are not there
 */
export function rulingOf(
  policy: Policy,
  { a, b, labels, as }: { a: Described; b: Described; labels: readonly string[]; as?: string },
): Ruling {
  const known = [
    ...new Set(Object.values(policy.categories).flatMap((category) => category.labels.map(({ model }) => model))),
  ];
  const meant = as ?? [a.name, b.name].find((name) => name !== undefined && known.includes(name));
  const model = meant ?? (known.length === 1 ? known[0] : undefined);
  if (model === undefined || !known.includes(model))
    throw new CompareError(
      "wrong-input",
      `the policy "${policy.version}" names labels of ${known.join(", ") || "no model"}, and not of ` +
        `${as ?? [a.name ?? a.reference, b.name ?? b.reference].join(" or ")}: say which of them is meant with --as`,
    );
  const wrong = labelMismatch(policy, model, labels);
  if (wrong) throw new CompareError("wrong-input", wrong);
  return { policy, model };
}

function inWords({ labels }: Described, count: number): string {
  return labels ? `${count} (${labels.join(", ")})` : String(count);
}

function differing(what: string, a: Described, ofA: string | undefined, b: Described, ofB: string | undefined) {
  return new CompareError("wrong-input", `the models ${what}: ${a.reference} ${ofA}; ${b.reference} ${ofB}`);
}
