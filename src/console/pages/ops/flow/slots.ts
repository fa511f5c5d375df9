/** Worker processes of a pool as squares: which run, which are about to, and which are about to go. */
import type { OpsPool } from "../../../../review/contract/ops.ts";

export type Slot = "running" | "draining" | "starting";

/** More would be counted by nobody; the number beside them says how many there are. */
const mostSquares = 12;

export function slotsOf({ running, starting, draining }: OpsPool["replicas"]): { slots: Slot[]; more: number } {
  const going = Math.min(draining, running);
  const all: Slot[] = [
    ...Array.from({ length: running - going }, () => "running" as const),
    ...Array.from({ length: going }, () => "draining" as const),
    ...Array.from({ length: starting }, () => "starting" as const),
  ];
  return { slots: all.slice(0, mostSquares), more: Math.max(0, all.length - mostSquares) };
}
