import type { ReasonCode } from "../../capture/reasons.ts";
import type { Outcome, Retry } from "../../pipeline/stage.ts";

export interface Image {
  kind: "image";
  bytes: Buffer;
  /** Media type by its first bytes. */
  type: string;
  /** Says that the bytes are not looked at any more, so that another image may take their place. */
  release(): void;
}

export type Refused = Extract<Outcome<never>, { kind: "reject" }>;

/** A later attempt would end the same. */
export function refused(reason: ReasonCode, detail: string): Refused {
  return { kind: "reject", verdict: "unprocessable", reason, detail };
}

/** A later attempt may succeed. */
export function later(reason: ReasonCode, detail: string, afterMs?: number): Retry {
  return { kind: "retry", reason, detail, afterMs };
}
