/**
 * The filter language of subscriptions (https://cloud.google.com/pubsub/docs/subscription-message-filter):
 *
 *     filter     = term { "AND" term } | term { "OR" term }       a mixture needs parentheses
 *     term       = { "NOT" | "-" } ( "(" filter ")" | comparison )
 *     comparison = "attributes" ":" key
 *                | "attributes" "." key ( "=" | "!=" ) string
 *                | "hasPrefix" "(" "attributes" "." key "," string ")"
 *     key        = letters, digits, "_" and "-", or a string
 *     string     = '"' characters and escapes '"'
 */
import type { FilterExpression } from "./filter-expression.ts";
import { readStringLiteral } from "./string-literal.ts";
import { createTextCursor, FilterSyntaxError, type TextCursor } from "./text-cursor.ts";

/** @throws FilterSyntaxError with the position of what cannot be understood. */
export function parseFilter(text: string): FilterExpression {
  const cursor = createTextCursor(text);
  const expression = parseExpression(cursor);
  if (!cursor.atEnd()) throw cursor.unexpected("AND, OR or the end of the filter");
  return expression;
}

function parseExpression(cursor: TextCursor): FilterExpression {
  const first = parseTerm(cursor);
  const operator = takeOperator(cursor);
  if (!operator) return first;
  const terms = [first, parseTerm(cursor)];
  for (;;) {
    const position = cursor.skipSpace();
    const next = takeOperator(cursor);
    if (!next) return { kind: operator, terms };
    if (next !== operator) throw new FilterSyntaxError("AND and OR can be combined only with parentheses", position);
    terms.push(parseTerm(cursor));
  }
}

function takeOperator(cursor: TextCursor): "and" | "or" | undefined {
  if (cursor.takeWord("AND")) return "and";
  return cursor.takeWord("OR") ? "or" : undefined;
}

function parseTerm(cursor: TextCursor): FilterExpression {
  if (cursor.takeWord("NOT") || cursor.take("-")) return { kind: "not", term: parseTerm(cursor) };
  if (cursor.take("(")) {
    const expression = parseExpression(cursor);
    cursor.expect(")");
    return expression;
  }
  if (cursor.takeWord("hasPrefix")) return parsePrefixTest(cursor);
  if (cursor.takeWord("attributes")) return parseComparison(cursor);
  throw cursor.unexpected("attributes, hasPrefix, NOT or a parenthesis");
}

function parsePrefixTest(cursor: TextCursor): FilterExpression {
  cursor.expect("(");
  if (!cursor.takeWord("attributes")) throw cursor.unexpected("attributes");
  cursor.expect(".");
  const key = parseKey(cursor);
  cursor.expect(",");
  const prefix = readStringLiteral(cursor);
  cursor.expect(")");
  return { kind: "has-prefix", key, prefix };
}

function parseComparison(cursor: TextCursor): FilterExpression {
  if (cursor.take(":")) return { kind: "has", key: parseKey(cursor) };
  if (!cursor.take(".")) throw cursor.unexpected('"." or ":" after attributes');
  const key = parseKey(cursor);
  if (cursor.take("!=")) return { kind: "differs", key, value: readStringLiteral(cursor) };
  if (cursor.take("=")) return { kind: "equals", key, value: readStringLiteral(cursor) };
  throw cursor.unexpected('"=" or "!="');
}

function parseKey(cursor: TextCursor): string {
  if (cursor.startsWith('"')) return readStringLiteral(cursor);
  const key = cursor.takeMatch(/[A-Za-z0-9_-]+/y);
  if (!key) throw cursor.unexpected("an attribute's key (in quotes if it has other characters than A-Z a-z 0-9 _ -)");
  return key;
}
