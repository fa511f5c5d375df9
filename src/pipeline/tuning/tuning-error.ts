import type { Tuning } from "./tuning.ts";

/**
 * A change of tuning was refused, and nothing was changed.
 *
 * `invalid-tuning`: a value, a stage or the reason is not allowed · `stale-tuning`: made from another version than is in
 * force · `trial-running`: keep or revert it first · `no-trial`: there is nothing to keep or revert · `unknown-version`:
 * the log does not reach back to it · `unreadable-tuning`: what is stored was written by another release.
 */
export class TuningError extends Error {
  readonly code:
    | "invalid-tuning"
    | "stale-tuning"
    | "trial-running"
    | "no-trial"
    | "unknown-version"
    | "unreadable-tuning";
  /** Of `stale-tuning`: the version that the change was made from, and what is in force. */
  readonly stale: { yours: number; current: Tuning } | undefined;

  constructor(code: TuningError["code"], message: string, stale?: { yours: number; current: Tuning }) {
    super(message);
    this.name = "TuningError";
    this.code = code;
    this.stale = stale;
  }
}
