import type { OpsStage, OpsState } from "../../../../review/contract/ops.ts";
import { Failed, Outlines } from "../../../components/panel-states.tsx";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import type { useTuning } from "../use-ops-data.ts";
import { ChangeLog } from "./change-log.tsx";
import { Tuning } from "./tuning.tsx";

interface Props {
  tuning: ReturnType<typeof useTuning>["tuning"];
  log: ReturnType<typeof useTuning>["log"];
  state: OpsState;
  stage: OpsStage;
  old: boolean;
  onStage: (stage: OpsStage) => void;
}

/** What can be changed, and what was. */
export function TuningColumn({ tuning: { data, error, refetch }, log, state, stage, old, onStage }: Props) {
  if (!data)
    return error ? (
      <Failed what={opsTuningText.failed} error={error} onRetry={() => void refetch()} />
    ) : (
      <Outlines rows={2} height="12rem" />
    );
  return (
    <div class="ops-side">
      <Tuning tuning={data} pools={state.pools} stage={stage} old={old} onStage={onStage} />
      <ChangeLog log={log} tuning={data} old={old} />
    </div>
  );
}
