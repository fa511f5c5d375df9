import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FilterExpression, matchesFilter } from "../../src/local/pubsub-emulator/filter-expression.ts";
import { parseFilter } from "../../src/local/pubsub-emulator/parse-filter.ts";
import { FilterSyntaxError } from "../../src/local/pubsub-emulator/text-cursor.ts";

describe("reading", () => {
  test.each<[string, FilterExpression]>([
    ["attributes:domain", { kind: "has", key: "domain" }],
    ['attributes:"iana.org/language_tag"', { kind: "has", key: "iana.org/language_tag" }],
    ['attributes.a-b_1 = "x"', { kind: "equals", key: "a-b_1", value: "x" }],
    ['attributes."a b"!="x"', { kind: "differs", key: "a b", value: "x" }],
    ['  hasPrefix( attributes.k ,\t"p" ) ', { kind: "has-prefix", key: "k", prefix: "p" }],
    ["NOT attributes:k", { kind: "not", term: { kind: "has", key: "k" } }],
    ["-attributes:k", { kind: "not", term: { kind: "has", key: "k" } }],
    ["NOT (NOT attributes:k)", { kind: "not", term: { kind: "not", term: { kind: "has", key: "k" } } }],
    ["((attributes:k))", { kind: "has", key: "k" }],
    ["attributes:AND AND attributes:OR", and({ kind: "has", key: "AND" }, { kind: "has", key: "OR" })],
    ["attributes:a\nOR\nattributes:b", or({ kind: "has", key: "a" }, { kind: "has", key: "b" })],
    [
      "NOT attributes:a AND (attributes:b OR attributes:c)",
      and({ kind: "not", term: { kind: "has", key: "a" } }, or({ kind: "has", key: "b" }, { kind: "has", key: "c" })),
    ],
    ['attributes:"\\"\\\\\\n\\x41\\101\\u00e9\\U0001f3a5"', { kind: "has", key: '"\\\nAA\u00e9\u{1f3a5}' }],
  ])("%s", (text, expression) => {
    expect(parseFilter(text)).toEqual(expression);
  });

  test.each([
    ["", 0, "found the end of the filter"],
    ["attributes.k", 12, 'expected "=" or "!="'],
    ["attributes.k = ", 15, 'expected "\\"", found the end'],
    ["attributes.k = x", 15, 'found "x"'],
    ["attributes.k == 'x'", 14, 'found "="'],
    ['attributes.k = "x', 15, "missing closing quote"],
    ['attributes.k = "\\q"', 15, "unknown escape"],
    ['attributes.k = "\\Uffffffff"', 15, "no such character"],
    ['attributes.k > "x"', 13, 'found ">"'],
    ["attributes", 10, '"." or ":"'],
    ["attributes.", 11, "an attribute's key"],
    ['attribute.k = "x"', 0, 'found "attribute"'],
    ['data = "x"', 0, 'found "data"'],
    ["attributes:a and attributes:b", 13, 'found "and"'],
    ["attributes:a attributes:b", 13, "expected AND, OR or the end"],
    ["attributes:a AND", 16, "found the end of the filter"],
    ["attributes:a ANDattributes:b", 13, 'found "ANDattributes"'],
    ["(attributes:a", 13, 'expected ")"'],
    ["attributes:a)", 12, 'found ")"'],
    ["hasPrefix(attributes.k)", 22, 'expected ","'],
    ['hasPrefix("k", "p")', 10, "expected attributes"],
    ["attributes:a AND attributes:b OR attributes:c", 30, "only with parentheses"],
    ["attributes:a OR attributes:b AND attributes:c", 29, "only with parentheses"],
    ["attributes:\u{1f3a5}", 11, 'found "\u{1f3a5}"'],
  ])("%j is refused, saying where and why", (text, position, problem) => {
    const refused = thrownBy(() => parseFilter(text));
    expect(refused).toBeInstanceOf(FilterSyntaxError);
    expect(refused).toMatchObject({ position, message: expect.stringContaining(problem) });
  });
});

describe("choosing", () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['attributes.k = "v"', { k: "v" }, true],
    ['attributes.k = "v"', { k: "V" }, false],
    ['attributes.k = "v"', {}, false],
    ['attributes.k != "v"', {}, true],
    ['attributes.k != "v"', { k: "v" }, false],
    ["attributes:k", { k: "" }, true],
    ["attributes:k", { K: "v" }, false],
    ['hasPrefix(attributes.k, "")', { k: "v" }, true],
    ['hasPrefix(attributes.k, "")', {}, false],
    ['hasPrefix(attributes.k, "vw")', { k: "v" }, false],
    ["attributes:constructor", {}, false],
    ['attributes.toString != "x"', {}, true],
  ])("%s on %j: %j", (text, attributes, expected) => {
    expect(matchesFilter(parseFilter(text), attributes)).toBe(expected);
  });
});

describe("for any filter", () => {
  test("what is written reads back as the same expression", () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        expect(parseFilter(write(expression))).toEqual(expression);
      }),
    );
  });

  test("it selects the attributes that its logic says", () => {
    fc.assert(
      fc.property(expressions, attributeSets, (expression, attributes) => {
        expect(matchesFilter(parseFilter(write(expression)), attributes)).toBe(oracle(expression, attributes));
      }),
    );
  });

  test("its negation selects exactly the others", () => {
    fc.assert(
      fc.property(expressions, attributeSets, (expression, attributes) => {
        const negated = parseFilter(`NOT (${write(expression)})`);
        expect(matchesFilter(negated, attributes)).toBe(!matchesFilter(expression, attributes));
      }),
    );
  });

  test("any text is either read or refused with a position inside of it", () => {
    const pieces = [
      "attributes",
      "hasPrefix",
      ".",
      ":",
      "=",
      "!=",
      '"',
      "(",
      ")",
      ",",
      "AND",
      "OR",
      "NOT",
      "-",
      " ",
      "k",
      "\\",
      "\u{1f3a5}",
    ];
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: "binary" })), (text) => {
        const thrown = thrownBy(() => parseFilter(text));
        if (thrown === undefined) return;
        expect(thrown).toBeInstanceOf(FilterSyntaxError);
        expect((thrown as FilterSyntaxError).position).toBeGreaterThanOrEqual(0);
        expect((thrown as FilterSyntaxError).position).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

function and(...terms: FilterExpression[]): FilterExpression {
  return { kind: "and", terms };
}

function or(...terms: FilterExpression[]): FilterExpression {
  return { kind: "or", terms };
}

/** Few keys and values, so that they meet; some need quotes and escapes. */
const keys = fc.constantFrom(
  "k",
  "a-b",
  "x_1",
  "with space",
  'quote"',
  "back\\slash",
  "line\nbreak",
  "AND",
  "\u00e9",
  "",
);
const values = fc.constantFrom("", "v", "vw", 'quote"', "\\", "\u{1f3a5}", "tab\t");
const attributeSets = fc.dictionary(keys, values);

const { expression: expressions } = fc.letrec<{ expression: FilterExpression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small" },
    fc.record({ kind: fc.constant("has" as const), key: keys }),
    fc.record({ kind: fc.constant("equals" as const), key: keys, value: values }),
    fc.record({ kind: fc.constant("differs" as const), key: keys, value: values }),
    fc.record({ kind: fc.constant("has-prefix" as const), key: keys, prefix: values }),
    fc.record({ kind: fc.constant("not" as const), term: tie("expression") }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      terms: fc.array(tie("expression"), { minLength: 2, maxLength: 4 }),
    }),
  ),
}));

function write(expression: FilterExpression): string {
  switch (expression.kind) {
    case "has":
      return `attributes:${writeKey(expression.key)}`;
    case "equals":
      return `attributes.${writeKey(expression.key)} = ${quote(expression.value)}`;
    case "differs":
      return `attributes.${writeKey(expression.key)}!=${quote(expression.value)}`;
    case "has-prefix":
      return `hasPrefix(attributes.${writeKey(expression.key)}, ${quote(expression.prefix)})`;
    case "not":
      return `NOT ${nest(expression.term)}`;
    default:
      return expression.terms.map(nest).join(expression.kind === "and" ? " AND " : " OR ");
  }
}

function nest(expression: FilterExpression): string {
  return expression.kind === "and" || expression.kind === "or" ? `(${write(expression)})` : write(expression);
}

function writeKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\x09")}"`;
}

/** The same meaning said in another way: as a list of the attributes' entries. */
function oracle(expression: FilterExpression, attributes: Record<string, string>): boolean {
  const entries = Object.entries(attributes);
  switch (expression.kind) {
    case "has":
      return entries.filter(([key]) => key === expression.key).length === 1;
    case "equals":
      return entries.some((entry) => JSON.stringify(entry) === JSON.stringify([expression.key, expression.value]));
    case "differs":
      return !oracle({ ...expression, kind: "equals" }, attributes);
    case "has-prefix":
      return entries.some(([key, value]) => key === expression.key && value.indexOf(expression.prefix) === 0);
    case "not":
      return oracle(expression.term, attributes) === false;
    case "and":
      return !expression.terms.map((term) => oracle(term, attributes)).includes(false);
    case "or":
      return expression.terms.map((term) => oracle(term, attributes)).includes(true);
  }
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
