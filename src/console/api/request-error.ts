import type { Person } from "../../review/contract/incident.ts";
import type { Problem, ProblemCode } from "../../review/contract/problem.ts";

/**
 * A request that was refused, or had no answer: `offline` when none came (whether it was carried out is unknown),
 * `unreadable` when something else than the server answered. `message` is for the person who reads the page.
 */
export class RequestError extends Error {
  readonly code: ProblemCode | "offline" | "unreadable";
  /** Id of this occurrence, as in the server's log; null without an answer. */
  readonly instance: string | null;
  readonly holder: Person | null;
  readonly errors: readonly { path: string; message: string }[];
  constructor(code: RequestError["code"], message: string, problem?: Problem) {
    super(message);
    this.name = "RequestError";
    this.code = code;
    this.instance = problem?.instance ?? null;
    this.holder = problem?.holder ?? null;
    this.errors = problem?.errors ?? [];
  }
}

/** Whether the same request may succeed later, unchanged: it was not refused, it was not heard. */
export function mayRetry(error: unknown): boolean {
  if (!(error instanceof RequestError)) return false;
  return ["offline", "unreadable", "unavailable", "too-many-requests", "internal"].includes(error.code);
}
