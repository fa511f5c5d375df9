import { z } from "zod";
import { StaleTuning } from "./ops-tuning.ts";

/**
 * Why a request was refused. Each has one HTTP status and one meaning; docs/review-api.md lists them.
 * Stable: the console and other clients act on them.
 */
export const problems = {
  invalid: 400,
  "not-signed-in": 401,
  forbidden: 403,
  "csrf-failed": 403,
  "not-found": 404,
  conflict: 409,
  "stale-hold": 409,
  "held-by-another": 409,
  "already-decided": 409,
  "too-late-to-undo": 409,
  "stale-version": 409,
  "key-reused": 422,
  "picture-gone": 410,
  "too-large": 413,
  "too-many-requests": 429,
  unavailable: 503,
  internal: 500,
} as const;
export type ProblemCode = keyof typeof problems;

/** A problem as of RFC 9457 (application/problem+json). */
export const Problem = z.object({
  type: z.string().describe("`urn:briareus:problem:` and the code"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional().describe("What was wrong with this request, and what to do"),
  instance: z.string().describe("Id of this occurrence, as in the server's log"),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  holder: z.object({ id: z.string(), name: z.string(), initials: z.string() }).nullish(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  stale: StaleTuning.optional().describe(
    "Of a change of tuning: the version that it was made from, and what is in force",
  ),
});
export type Problem = z.infer<typeof Problem>;
