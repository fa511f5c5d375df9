import type { Person } from "./contract/incident.ts";
import type { ProblemCode } from "./contract/problem.ts";

/** A request that review refuses. `message` says what was wrong and what to do, for the person who asked. */
export class ReviewError extends Error {
  readonly code: ProblemCode;
  /** Who holds the incident in question, where that is the reason. */
  readonly holder: Person | null;
  /** Parts of the request that are wrong, each by its path. */
  readonly errors: readonly { path: string; message: string }[];
  constructor(code: ProblemCode, message: string, holder: Person | null = null, errors: ReviewError["errors"] = []) {
    super(message);
    this.name = "ReviewError";
    this.code = code;
    this.holder = holder;
    this.errors = errors;
  }
}
