import { useRef } from "preact/hooks";
import type { OpsPool, OpsStage } from "../../../../review/contract/ops.ts";
import type { OpsTuning } from "../../../../review/contract/ops-tuning.ts";
import { useKeys } from "../../../keys/use-keys.ts";
import { announce } from "../../../shell/announce.tsx";
import { opsTuningText as text } from "../../../strings/ops-tuning.en.ts";
import { useNarrow } from "../use-narrow.ts";
import { useScrolling } from "../use-scrolling.ts";
import { DraftPanel } from "./draft-panel.tsx";
import { PauseButton } from "./pause-button.tsx";
import { TrialBar } from "./trial-bar.tsx";
import { useDraft } from "./use-draft.ts";
import { VersionLine } from "./version-line.tsx";

interface Props {
  tuning: OpsTuning;
  pools: readonly OpsPool[];
  stage: OpsStage;
  old: boolean;
  onStage: (stage: OpsStage) => void;
}

/** What can be changed of the chosen pool; on a phone only its pause. Its keys move along the pools, draft and try. */
export function Tuning({ tuning, pools, stage, old, onStage }: Props) {
  const narrow = useNarrow();
  const firstField = useRef<HTMLInputElement>(null);
  const drafting = useDraft(tuning, old);
  const at = pools.findIndex((one) => one.stage === stage);
  const pool = pools[at];
  const move = (by: 1 | -1) => () => {
    const next = pools[at + by];
    if (!next) return;
    onStage(next.stage);
    announce(next.stage);
  };
  const scrolling = useScrolling();
  useKeys("ops", { "ops.pool-before": move(-1), "ops.pool-after": move(1) }, { live: !scrolling });
  useKeys("ops", {
    "ops.draft": () => {
      firstField.current?.focus();
      firstField.current?.select();
    },
    "ops.try": () => (drafting.obstacle === null ? void drafting.try() : announce(drafting.obstacle)),
  });
  return (
    <section class="card stack ops-tuning" aria-labelledby="ops-tuning">
      <div class="row tuning-head">
        <h2 id="ops-tuning">{text.title(stage)}</h2>
        <VersionLine pools={pools} version={tuning.version} />
      </div>
      {tuning.trial && <TrialBar key={tuning.version} tuning={tuning} until={tuning.trial.until} readOnly={narrow} />}
      {narrow ? (
        <p class="muted small">{text.narrow}</p>
      ) : (
        <DraftPanel tuning={tuning} stage={stage} drafting={drafting} old={old} firstField={firstField} />
      )}
      {pool && (
        <div>
          <PauseButton key={stage} pool={pool} tuning={tuning} old={old} />
        </div>
      )}
    </section>
  );
}
