import { titles } from "../../src/review/api/problems.ts";
import { type ProblemCode, problems } from "../../src/review/contract/problem.ts";
import { markdownTable } from "./markdown-table.ts";

/** What a client does about each; a new code needs a line here. */
const advice: Record<ProblemCode, string> = {
  invalid: "Mend the request; `errors` names each part by its path.",
  "not-signed-in": "Sign in, or send a key that has not expired. The same request may then be sent again.",
  forbidden: "Needs another role or scope; `detail` says which.",
  "csrf-failed": "Read the token from `GET /v1/me` and send it as `x-csrf-token`.",
  "not-found": "It is not there, or not for this caller.",
  conflict: "Read the thing anew, then decide.",
  "stale-hold": "The hold is gone; `holder` names who has the incident, if somebody does. Claim anew.",
  "held-by-another": "`holder` has it. Leads may take it over.",
  "already-decided": "Read the incident.",
  "too-late-to-undo": "The platform has it. Leads reopen the incident instead.",
  "stale-version": "Read it anew and change that; of the tuning `stale` shows what is in force.",
  "key-reused": "Make a new Idempotency-Key for each act.",
  "picture-gone": "Final: it was deleted by retention, or never kept.",
  "too-large": "Send less at a time: 64 KiB, captures 1 MiB, bulk closes 512 KiB.",
  "too-many-requests": "Wait for the seconds in `retry-after`.",
  unavailable: "Send the same request again in a moment, with the same Idempotency-Key.",
  internal: "Our fault. `instance` finds it in the log.",
};

export function problemTable(): string {
  const rows = Object.entries(advice).map(([code, words]) => {
    const known = code as ProblemCode;
    return [`\`${code}\``, String(problems[known]), `${titles[known]}.`, words];
  });
  return markdownTable(["code", "status", "means", "do"], rows);
}
