import { z } from "zod";

/**
 * The JSON Schema (draft 2020-12) of a message, as its reader sees it: fields with defaults may be absent, and
 * fields that are not named are allowed, so that later versions can add some.
 */
export function messageSchema(schema: z.ZodType, name: string): string {
  const { $schema, $ref, $defs, ...rest } = z.toJSONSchema(schema, { io: "input" });
  const [definition] = Object.values($defs ?? {});
  return `${JSON.stringify({ $schema, $id: name, ...(definition ?? rest) }, null, 2)}\n`;
}
