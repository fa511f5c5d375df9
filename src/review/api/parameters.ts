/** Parts of requests that many routes have. */
import { z } from "zod";

export const IncidentId = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
export const UuidId = z.object({ id: z.uuid() });

export const Page = z.object({
  cursor: z.string().max(512).optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A parameter that may be repeated: `?state=open&state=escalated`. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .union([z.array(item).max(100), item])
    .transform((value): z.output<Item>[] => (Array.isArray(value) ? value : [value]));

/** The same act sent again carries the same key, and gets the first answer. */
export const IdempotencyKey = z.object({
  "idempotency-key": z
    .string()
    .min(8)
    .max(200)
    .describe("Made anew for each act, such as a UUID; the same on every retry"),
});

/** The answer of what has nothing to say. */
export const nothing = { 204: z.null().describe("Done") };
