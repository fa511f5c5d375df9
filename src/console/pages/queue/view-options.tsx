import { waiting } from "../../shell/waiting.ts";
import { formatShare } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";
import { type Grouping, groupings } from "./filters.ts";
import { type Sort, sorts } from "./row-order.ts";

interface Props {
  sort: Sort;
  group: Grouping | null;
  onSort: (sort: Sort) => void;
  onGroup: (group: Grouping | null) => void;
}

/** The order of the rows, and what they are gathered by. */
export function ViewOptions({ sort, group, onSort, onGroup }: Props) {
  return (
    <div class="row queue-options">
      <label>
        {queueText.sort}
        <select
          value={sort}
          disabled={group !== null}
          onChange={(event) => onSort(sorts.find((one) => one === event.currentTarget.value) ?? "priority")}
        >
          {sorts.map((one) => (
            <option key={one} value={one}>
              {queueText.sorts[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {queueText.group}
        <select
          value={group ?? ""}
          onChange={(event) => onGroup(groupings.find((one) => one === event.currentTarget.value) ?? null)}
        >
          <option value="">{queueText.noGroup}</option>
          {groupings.map((one) => (
            <option key={one} value={one}>
              {queueText.groups[one]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** More is waiting than usual: said calmly, with a way to see what it has in common. */
export function FloodNote({ onGroup }: { onGroup: () => void }) {
  const now = waiting.value;
  if (!now?.flood) return null;
  const { category, policyVersion, share } = now.flood;
  return (
    <p class="card row queue-flood">
      {queueText.flood(now.count, formatShare(share), category, policyVersion)}
      <button type="button" onClick={onGroup}>
        {queueText.floodGroup}
      </button>
    </p>
  );
}
