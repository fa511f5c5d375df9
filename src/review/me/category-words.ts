import type { Policy } from "../../policy/policy.ts";
import type { CategoryWords } from "../contract/me.ts";

/** What the policy says to the people who apply it, a category each. */
export function categoryWords({ categories }: Policy): CategoryWords[] {
  return Object.entries(categories).map(([category, { severity, labels, counts, doesNotCount, restricted }]) => ({
    category,
    severity,
    threshold: Math.min(...labels.map(({ threshold }) => threshold)),
    counts: counts ?? [],
    doesNotCount: doesNotCount ?? [],
    restricted: restricted ?? false,
  }));
}
