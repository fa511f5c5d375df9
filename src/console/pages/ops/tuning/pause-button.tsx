import { useQuery, useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { OpsPool } from "../../../../review/contract/ops.ts";
import type { OpsTuning } from "../../../../review/contract/ops-tuning.ts";
import { changeTuning, previewTuning } from "../../../api/ops-api.ts";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

const { pause: text, effect } = opsTuningText;

interface Props {
  pool: OpsPool;
  tuning: OpsTuning;
  old: boolean;
}

/** Pauses the chosen pool, or lets it go on: after what comes of it was read and a reason was given. */
export function PauseButton({ pool, tuning, old }: Props) {
  const [asking, setAsking] = useState(false);
  const { stage } = pool;
  const tuned = tuning.stages[stage]?.paused ?? tuning.defaults[stage].paused;
  if (pool.paused && !tuned) return <p class="small muted">{text.byQueue}</p>;
  return (
    <>
      <button
        type="button"
        aria-disabled={old}
        title={old ? opsTuningText.oldData : undefined}
        onClick={() => !old && setAsking(true)}
      >
        {tuned ? text.resume(stage) : text.pause(stage)}
      </button>
      {asking && <PauseDialog pool={pool} tuning={tuning} pause={!tuned} onClose={() => setAsking(false)} />}
    </>
  );
}

function PauseDialog({
  pool,
  tuning,
  pause,
  onClose,
}: {
  pool: OpsPool;
  tuning: OpsTuning;
  pause: boolean;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const { stage, depth } = pool;
  // What is not paused is so by default, and nothing has to say it.
  const request = { version: tuning.version, stages: { [stage]: { paused: pause || null } } };
  const { data, error } = useQuery({
    queryKey: ["ops-preview", JSON.stringify(request)],
    queryFn: ({ signal }) => previewTuning(request, signal),
    gcTime: 0,
    retry: false,
  });
  return (
    <ReasonDialog
      title={pause ? text.title(stage) : text.resumeTitle(stage)}
      submit={pause ? text.submit : text.resumeSubmit}
      danger={pause}
      onClose={onClose}
      onSubmit={async (why) => {
        client.setQueryData(["ops", "tuning"], await changeTuning({ ...request, why }));
        void client.invalidateQueries({ queryKey: ["ops"] });
      }}
    >
      <p>{pause ? text.words(stage) : text.resumeWords(stage, depth)}</p>
      {data?.warnings.map((warning) => (
        <p key={warning}>
          <strong>
            <span aria-hidden="true">▲</span> {warning}
          </strong>
        </p>
      ))}
      {!data && <p class="muted">{error ? `${effect.failed} ${error.message}` : effect.waiting}</p>}
    </ReasonDialog>
  );
}
