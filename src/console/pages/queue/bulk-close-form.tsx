import type { IncidentSummary } from "../../../review/contract/incident.ts";
import { mayActAs, me } from "../../session/me.ts";
import { plainName } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";
import type { BulkCloseDraft } from "./bulk-close-rules.ts";

interface Props {
  draft: BulkCloseDraft;
  incidents: readonly IncidentSummary[];
  onChange: (draft: BulkCloseDraft) => void;
}

export function BulkCloseForm({ draft, incidents, onChange }: Props) {
  const change = (changes: Partial<BulkCloseDraft>) => onChange({ ...draft, ...changes });
  const actions = (me.value?.actions ?? []).filter(({ role }) => mayActAs(role));
  const categories = [
    ...new Set([
      ...incidents.map(({ category }) => category),
      ...(me.value?.categories ?? []).map((one) => one.category),
    ]),
  ];
  return (
    <section class="stack" aria-label={queueText.decideTitle}>
      <h3>{queueText.decideTitle}</h3>
      <div class="row">
        <label class="above">
          {queueText.closeAs}
          <select
            value={draft.close ?? ""}
            required
            onChange={(event) => change({ close: event.currentTarget.value || null })}
          >
            <option value="">{queueText.choose}</option>
            <option value="no-violation">{queueText.noViolation}</option>
            {actions.map(({ id, label }) => (
              <option key={id} value={id}>
                {plainName(label)}
              </option>
            ))}
          </select>
        </label>
        {draft.close !== null && draft.close !== "no-violation" && (
          <label class="above">
            {queueText.category}
            <select
              value={draft.category ?? ""}
              required
              onChange={(event) => change({ category: event.currentTarget.value || null })}
            >
              <option value="">{queueText.choose}</option>
              {categories.map((category) => (
                <option key={category} value={category}>
                  {plainName(category)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <label class="above">
        {queueText.note}
        <textarea
          rows={2}
          maxLength={4_000}
          required
          value={draft.note}
          onInput={(event) => change({ note: event.currentTarget.value })}
        />
      </label>
      <label class="above">
        {queueText.typeCount(draft.count)}
        <input
          inputMode="numeric"
          autocomplete="off"
          required
          value={draft.typedCount}
          onInput={(event) => change({ typedCount: event.currentTarget.value })}
        />
      </label>
    </section>
  );
}
