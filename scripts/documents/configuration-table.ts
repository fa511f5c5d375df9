import { z } from "zod";
import { type Variable, variables } from "../../src/config/variables.ts";
import { markdownTable } from "./markdown-table.ts";

export function configurationTable(): string {
  const rows = Object.entries<Variable<unknown>>(variables).map(([name, { schema, fallback, description }]) => [
    `\`${name}\``,
    fallback === "" ? "empty" : `\`${fallback}\``,
    allowedBy(schema),
    `${description}.`,
  ]);
  return markdownTable(["variable", "default", "allowed", "meaning"], rows);
}

/** The range or the list of values that a variable's schema allows; empty where the description says it all. */
function allowedBy(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const { minimum, maximum, enum: values } = json.anyOf?.map((each) => Object(each)).at(-1) ?? json;
  if (values) return values.map((value: unknown) => `\`${value}\``).join(", ");
  return minimum === undefined ? "" : `${thousands(minimum)} to ${thousands(maximum)}`;
}

const thousands = (value: number) => value.toLocaleString("en-US");
