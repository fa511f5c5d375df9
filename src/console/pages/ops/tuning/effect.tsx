import type { OpsTuning, TuningPreview } from "../../../../review/contract/ops-tuning.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { opsText } from "../../../strings/ops.en.ts";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import type { TuningDraft } from "./draft.ts";
import { useEffectOf } from "./use-draft.ts";

const { effect: text } = opsTuningText;

/** What a draft would do now, as the server's rule says: workers, time to drain, what limits then, and warnings. */
export function Effect({ tuning, draft }: { tuning: OpsTuning; draft: TuningDraft }) {
  const preview = useEffectOf(tuning, draft);
  if (preview === null) return null;
  const { data, error, isPlaceholderData } = preview;
  return (
    <section
      class="stack tuning-effect"
      aria-label={text.title}
      aria-live="polite"
      data-old={isPlaceholderData || error !== null}
    >
      {!data && <p class="muted small">{error ? `${text.failed} ${error.message}` : text.waiting}</p>}
      {data && <Outcome preview={data} />}
    </section>
  );
}

function Outcome({ preview: { pools, bottleneck, warnings } }: { preview: TuningPreview }) {
  return (
    <>
      <DataTable
        label={text.title}
        columns={[{ name: text.pool }, { name: text.replicas, number: true }, { name: text.drain, number: true }]}
        rows={pools.map(({ stage, replicas, drainMs }) => ({
          key: stage,
          cells: [
            opsText.stage[stage],
            text.move(String(replicas.from), String(replicas.to)),
            text.move(opsTuningText.ageOf(drainMs.from), opsTuningText.ageOf(drainMs.to)),
          ],
        }))}
      />
      {pools
        .filter(({ replicas }) => replicas.from !== replicas.to)
        .map(({ stage, reason }) => (
          <p key={stage} class="small muted">
            {text.because(stage, reason)}
          </p>
        ))}
      <p class="small">{text.bottleneck(bottleneck.from, bottleneck.to)}</p>
      {warnings.length > 0 && (
        <ul class="tuning-warnings" aria-label={text.warnings}>
          {warnings.map((warning) => (
            <li key={warning}>
              <span aria-hidden="true">▲</span> {warning}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
