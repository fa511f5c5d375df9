import type { ReviewSetting } from "../../../review/contract/admin.ts";
import { detailsOf } from "../../activity/activity-details.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { adminText } from "../../strings/admin.en.ts";
import { plainName } from "../../strings/format.en.ts";

interface Props {
  theirs: ReviewSetting;
  mine: Record<string, unknown>;
  nameOf: (field: string) => string;
  /** A stored value as the form shows it. */
  wordsOf: (field: string, value: unknown) => string;
  onKeepTheirs: () => void;
  onSaveMine: () => void;
}

/** Two versions of a setting side by side, where they differ; one of them is chosen, nothing is mixed. */
export function StaleDialog({ theirs, mine, nameOf, wordsOf, onKeepTheirs, onSaveMine }: Props) {
  const { stale } = adminText;
  const differing = detailsOf({ from: theirs.value, to: mine }).map(({ name }) => name);
  return (
    <Dialog
      title={stale.title}
      onClose={onKeepTheirs}
      actions={
        <>
          <button type="button" class="danger" onClick={onSaveMine}>
            {stale.saveMine}
          </button>
          <button type="button" class="primary" onClick={onKeepTheirs}>
            {stale.keepTheirs}
          </button>
        </>
      }
    >
      <p>{stale.words(theirs.changedBy, theirs.version)}</p>
      <DataTable
        label={stale.title}
        columns={[{ name: stale.name }, { name: stale.theirs }, { name: stale.yours }]}
        rows={differing.map((field) => ({
          key: field,
          cells: [
            nameOf(field),
            plainName(wordsOf(field, theirs.value[field])),
            plainName(wordsOf(field, mine[field])),
          ],
        }))}
      />
    </Dialog>
  );
}
