import { queueText } from "../../strings/queue.en.ts";

interface Props {
  count: number;
  onAssign: () => void;
  onClose: () => void;
  onClear: () => void;
}

/** What can be done with the selected rows; it stands where the head row was. */
export function BulkBar({ count, onAssign, onClose, onClear }: Props) {
  return (
    <section class="row queue-bulk" aria-label={queueText.bulk}>
      <strong aria-live="polite">{queueText.selected(count)}</strong>
      <button type="button" onClick={onAssign}>
        {queueText.assign}
      </button>
      <button type="button" onClick={onClose}>
        {queueText.close}
      </button>
      <button type="button" class="plain" onClick={onClear}>
        {queueText.clearSelection}
      </button>
    </section>
  );
}
