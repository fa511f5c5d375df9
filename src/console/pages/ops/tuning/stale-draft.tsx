import type { OpsTuning } from "../../../../review/contract/ops-tuning.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import { conflictOf, type TuningDraft } from "./draft.ts";

const { stale: text, value } = opsTuningText;

interface Props {
  draft: TuningDraft;
  tuning: OpsTuning;
  onDrop: () => void;
  onOnto: () => void;
}

/** The draft beside the version that came into force meanwhile; one of two ways is chosen, nothing is mixed unseen. */
export function StaleDraft({ draft, tuning, onDrop, onOnto }: Props) {
  return (
    <section class="stack tuning-stale" role="alert">
      <p>
        <strong>{text.title(draft.version, tuning.version)}</strong>
      </p>
      <p class="small">{text.words}</p>
      <DataTable
        label={text.title(draft.version, tuning.version)}
        columns={[
          { name: text.what },
          { name: text.was(draft.version) },
          { name: text.now(tuning.version) },
          { name: text.yours },
        ]}
        rows={conflictOf(draft, tuning).map(({ stage, field, was, now, yours }) => ({
          key: `${stage} ${field}`,
          cells: [
            text.fieldName(stage, field),
            value(field, was),
            value(field, now),
            yours === undefined ? text.untouched : value(field, yours),
          ],
        }))}
      />
      <div class="row">
        <button type="button" onClick={onDrop}>
          {text.drop}
        </button>
        <button type="button" onClick={onOnto}>
          {text.onto(tuning.version)}
        </button>
      </div>
    </section>
  );
}
