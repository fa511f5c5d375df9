import type { ComponentChildren } from "preact";
import { Elapsed } from "../../components/clocks.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { formatList, formatNumber, plainName } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";
import type { Grouping } from "./filters.ts";
import { groupRows } from "./grouping.ts";
import type { Selection } from "./row-cursor.ts";
import type { Rows } from "./row-store.ts";

interface Props {
  rows: Rows;
  by: Grouping;
  selection: Selection;
  selectable: boolean;
  /** Stands over the head row: what can be done with those selected. */
  bulk: ComponentChildren;
  onSelect: (selection: Selection) => void;
  onNarrow: (key: string) => void;
}

const mostGroups = 200;
const mostCategories = 3;

/** The listed rows by what they have in common: for floods, where the single row says little. */
export function GroupTable({ rows, by, selection, selectable, bulk, onSelect, onNarrow }: Props) {
  const incidents = [...rows.byId.values()].filter(({ gone }) => !gone).map(({ incident }) => incident);
  const groups = groupRows(incidents, by);
  return (
    <div class="queue-scroller">
      {bulk}
      <table class="queue-groups" aria-label={queueText.grouped(by)}>
        <thead>
          <tr>
            {selectable && (
              <th scope="col">
                <span class="unseen">{queueText.column.select}</span>
              </th>
            )}
            <th scope="col">{queueText.groups[by]}</th>
            <th scope="col" class="number">
              {queueText.groupColumn.count}
            </th>
            <th scope="col" class="number">
              {queueText.groupColumn.share}
            </th>
            <th scope="col">{queueText.groupColumn.worst}</th>
            <th scope="col" class="number">
              {queueText.groupColumn.oldest}
            </th>
            {by !== "category" && <th scope="col">{queueText.groupColumn.categories}</th>}
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, mostGroups).map((group) => {
            const all = group.ids.every((id) => selection.has(id));
            const without = () => new Set([...selection].filter((id) => !group.ids.includes(id)));
            return (
              <tr key={group.key} aria-selected={selectable ? all : undefined}>
                {selectable && (
                  <td>
                    <input
                      type="checkbox"
                      aria-label={queueText.selectGroup(group.key)}
                      checked={all}
                      onChange={() => onSelect(all ? without() : new Set([...selection, ...group.ids]))}
                    />
                  </td>
                )}
                <td>
                  <button type="button" class="plain queue-group-name" onClick={() => onNarrow(group.key)}>
                    <PlainName>{group.key}</PlainName>
                  </button>
                </td>
                <td class="number">{formatNumber(group.ids.length)}</td>
                <td class="number">{queueText.share(group.share)}</td>
                <td>
                  <SeverityMark severity={group.worst} />
                </td>
                <td class="number">
                  <Elapsed since={group.oldestOpenedAt} />
                </td>
                {by !== "category" && (
                  <td>{formatList(group.categories.slice(0, mostCategories).map((name) => plainName(name)))}</td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {groups.length > mostGroups && <p class="muted">{queueText.moreGroups(groups.length - mostGroups)}</p>}
    </div>
  );
}
