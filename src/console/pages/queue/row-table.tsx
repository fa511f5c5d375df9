import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { queueText } from "../../strings/queue.en.ts";
import { type Selection, toggledIn, withRange } from "./row-cursor.ts";
import type { Rows } from "./row-store.ts";
import { RowView } from "./row-view.tsx";
import type { QueueLayout } from "./use-layout.ts";
import { useVirtualRows } from "./use-virtual-rows.ts";

interface Props {
  rows: Rows;
  layout: QueueLayout;
  rowPx: number;
  active: number | null;
  selection: Selection;
  /** Leads select, to assign and close. */
  selectable: boolean;
  stale: boolean;
  /** Stands over the head row: what can be done with those selected. */
  bulk: ComponentChildren;
  onActive: (id: number) => void;
  onOpen: (id: number) => void;
  onSelect: (selection: Selection) => void;
}

const headPx = 40;

/** The table: as many rows as its count says, of which those in view exist. */
export function RowTable({ rows, layout, rowPx, active, selection, selectable, stale, bulk, ...does }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<number | null>(null);
  const keep = active === null ? -1 : rows.order.indexOf(active);
  const { present, rest, scrollTo } = useVirtualRows({ count: rows.order.length, rowPx, headPx, scroller, keep });

  // The focus follows the active row, unless it is somewhere else on purpose.
  useLayoutEffect(() => {
    const now = document.activeElement;
    if (keep === -1 || (now !== document.body && !scroller.current?.contains(now))) return;
    scrollTo(keep);
    scroller.current?.querySelector<HTMLElement>(`tr[data-id="${active}"]`)?.focus({ preventScroll: true });
  }, [active]);

  const select = (id: number, range: boolean) => {
    const from = anchor.current;
    anchor.current = id;
    does.onSelect(range && from !== null ? withRange(selection, rows.order, from, id) : toggledIn(selection, id));
  };
  const onClick = (event: MouseEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    const id = Number(target?.closest("tr")?.dataset.id);
    if (!Number.isInteger(id)) return;
    does.onActive(id);
    if (target?.closest(".queue-select")) select(id, event.shiftKey);
    else if (!target?.closest("a")) does.onOpen(id);
  };
  const all = rows.order.length > 0 && rows.order.every((id) => selection.has(id));
  const columns = columnsOf(layout);
  const cells = columns.length + (selectable ? 1 : 0);
  return (
    <div ref={scroller} class="queue-scroller" data-stale={stale}>
      {bulk}
      <table
        class="queue-table"
        data-layout={layout}
        aria-rowcount={rows.order.length + 1}
        aria-label={queueText.table}
        style={{ "--row": `${rowPx}px` }}
      >
        <thead>
          <tr aria-rowindex={1}>
            {selectable && (
              <th scope="col" class="queue-select">
                <input
                  type="checkbox"
                  aria-label={queueText.selectAll}
                  checked={all}
                  onChange={() => does.onSelect(all ? new Set() : new Set(rows.order))}
                />
              </th>
            )}
            {columns.map((column) => (
              <th key={column} scope="col" class={numeric.has(column) ? "number" : undefined} data-column={column}>
                {queueText.column[column]}
              </th>
            ))}
          </tr>
        </thead>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are commands of the page */}
        <tbody onClick={onClick}>
          {present.flatMap(({ index, skipped }) => {
            const id = rows.order[index] ?? 0;
            const row = rows.byId.get(id);
            return [
              skipped > 0 && <Gap key={`before-${id}`} rows={skipped} rowPx={rowPx} columns={cells} />,
              row && (
                <RowView
                  key={id}
                  row={row}
                  index={index}
                  active={id === active || (active === null && index === 0)}
                  selected={selection.has(id)}
                  selectable={selectable}
                  layout={layout}
                />
              ),
            ];
          })}
          {rest > 0 && <Gap key="after" rows={rest} rowPx={rowPx} columns={cells} />}
        </tbody>
      </table>
    </div>
  );
}

/** The height of rows that do not exist. */
function Gap({ rows, rowPx, columns }: { rows: number; rowPx: number; columns: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without tabindex takes no focus
    <tr aria-hidden="true" class="queue-gap">
      <td colSpan={columns} style={{ height: `${rows * rowPx}px` }} />
    </tr>
  );
}

type Column = Exclude<keyof typeof queueText.column, "select">;
const wide = ["priority", "severity", "category", "stream", "state", "frames", "waiting", "target", "held"] as const;
const numeric: ReadonlySet<Column> = new Set<Column>(["priority", "frames", "waiting", "target"]);

function columnsOf(layout: QueueLayout): readonly Column[] {
  if (layout === "cards") return ["category"];
  return layout === "medium" ? wide.filter((column) => column !== "frames" && column !== "held") : wide;
}
