import { useState } from "preact/hooks";
import type { OpsStage, OpsState } from "../../../review/contract/ops.ts";
import { opsText } from "../../strings/ops.en.ts";
import { LastHour } from "./charts/last-hour.tsx";
import { Failures } from "./failures/failures.tsx";
import { Flow } from "./flow/flow.tsx";
import { ModelsTable } from "./models-table.tsx";
import { Numbers } from "./numbers.tsx";
import { Standing } from "./standing.tsx";
import { TuningColumn } from "./tuning/tuning-column.tsx";
import { useAgeLevel } from "./use-now.ts";
import { useTuning } from "./use-ops-data.ts";

/** All of the page, once it is known how the pipeline stands. */
export function Pipeline({ state }: { state: OpsState }) {
  const old = useAgeLevel(state) === "breach";
  // At first the pool that the sentence is about; it does not change under the hands after that.
  const [stage, setStage] = useState<OpsStage>(state.sentence.stage ?? "infer");
  const { tuning, log } = useTuning(state.tuning.version, state.tuning.trialUntil);
  const { driver, by } = state.scaler;
  return (
    <>
      <Standing state={state} />
      <div class="ops-live" data-old={old}>
        <Flow state={state} chosen={stage} onChoose={setStage} />
        <Numbers pools={state.pools} />
      </div>
      <div class="ops-columns">
        <TuningColumn tuning={tuning} state={state} stage={stage} old={old} onStage={setStage} log={log} />
        <div class="ops-main">
          <LastHour state={state} stage={stage} log={log.data?.items ?? []} />
          <ModelsTable />
          <Failures old={old} />
        </div>
      </div>
      <p class="muted small row">
        <span>{opsText.scaler(driver, by)}</span>
        <a href="/ops/queues" target="_blank" rel="noreferrer">
          {opsText.queues}
        </a>
      </p>
    </>
  );
}
