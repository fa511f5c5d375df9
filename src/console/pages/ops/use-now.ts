/** Figures grow old by themselves: these follow the clock, and a view that reads them is drawn only when they change. */
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Level, OpsState } from "../../../review/contract/ops.ts";
import { tickMs } from "../../api/server-clock.ts";
import { ageOf } from "./levels.ts";

/** How old the figures are, by level. */
export function useAgeLevel(state: OpsState): Level {
  return useMemo(() => computed(() => ageOf(state, tickMs.value).level), [state]).value;
}

/** The right end of the charts: ms since 1970, a step at a time. */
export function useChartEnd(stepMs: number): number {
  return useMemo(() => computed(() => Math.ceil(tickMs.value / stepMs) * stepMs), [stepMs]).value;
}
