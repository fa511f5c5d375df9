import type { Severity } from "../../capture/verdict.ts";
import type { Targets } from "../contract/admin.ts";

/** When an incident of a severity should be decided (ms since 1970), counted from its opening. */
export function targetAtMs(severity: Severity, openedAtMs: number, targets: Targets): number {
  return openedAtMs + targets[severity];
}

/**
 * The target of an incident that a worse finding joins: counted from that moment, since nobody could know before,
 * but never later than it was.
 */
export function earlierTargetAtMs(
  target: { beforeMs: number; severity: Severity },
  nowMs: number,
  targets: Targets,
): number {
  return Math.min(target.beforeMs, targetAtMs(target.severity, nowMs, targets));
}
