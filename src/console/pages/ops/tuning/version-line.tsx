import type { OpsPool } from "../../../../review/contract/ops.ts";
import { opsTuningText as text } from "../../../strings/ops-tuning.en.ts";
import { Levelled } from "../level-mark.tsx";
import { workersOn } from "./versions.ts";

/** Which version is in force, and how many workers have taken it up. */
export function VersionLine({ pools, version }: { pools: readonly OpsPool[]; version: number }) {
  const { on, all } = workersOn(pools, version);
  return (
    <p class="small tuning-version" aria-live="polite">
      <Levelled level={on < all ? "warning" : "normal"}>{text.workersOn(on, all, version)}</Levelled>
    </p>
  );
}
