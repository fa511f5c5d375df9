import type { Person } from "./contract/incident.ts";
import type { ProblemCode } from "./contract/problem.ts";

/** A request that review refuses. `message` says what was wrong and what to do, for the person who asked. */
export class ReviewError extends Error {
  readonly code: ProblemCode;
  /** Who holds the incident in question, where that is the reason. */
  readonly holder: Person | null;
  constructor(code: ProblemCode, message: string, holder: Person | null = null) {
    super(message);
    this.name = "ReviewError";
    this.code = code;
    this.holder = holder;
  }
}
