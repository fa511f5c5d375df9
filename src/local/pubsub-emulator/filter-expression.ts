/** A subscription's filter, parsed. Keys and values are compared byte for byte, case included. */
export type FilterExpression =
  | { kind: "has"; key: string }
  | { kind: "equals"; key: string; value: string }
  | { kind: "differs"; key: string; value: string }
  | { kind: "has-prefix"; key: string; prefix: string }
  | { kind: "and" | "or"; terms: FilterExpression[] }
  | { kind: "not"; term: FilterExpression };

/**
 * Whether a message with these attributes is delivered. A message without the key differs from every value,
 * as in the service.
 */
export function matchesFilter(filter: FilterExpression, attributes: Readonly<Record<string, string>>): boolean {
  switch (filter.kind) {
    case "has":
      return Object.hasOwn(attributes, filter.key);
    case "equals":
      return Object.hasOwn(attributes, filter.key) && attributes[filter.key] === filter.value;
    case "differs":
      return !Object.hasOwn(attributes, filter.key) || attributes[filter.key] !== filter.value;
    case "has-prefix":
      return Object.hasOwn(attributes, filter.key) && Boolean(attributes[filter.key]?.startsWith(filter.prefix));
    case "and":
      return filter.terms.every((term) => matchesFilter(term, attributes));
    case "or":
      return filter.terms.some((term) => matchesFilter(term, attributes));
    case "not":
      return !matchesFilter(filter.term, attributes);
  }
}
