import { useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { connection } from "../../api/connection.ts";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { mayActAs, me } from "../../session/me.ts";
import { preferences } from "../../session/preferences.ts";
import { incidentPath, pages } from "../../shell/pages.ts";
import { useTitle } from "../../shell/use-title.ts";
import { queueText } from "../../strings/queue.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { AssignDialog } from "./assign-dialog.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { BulkCloseDialog } from "./bulk-close-dialog.tsx";
import { EmptyList } from "./empty-list.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { GroupTable } from "./group-table.tsx";
import { narrowedTo } from "./grouping.ts";
import { knownValues } from "./known-values.ts";
import { ListStatus } from "./list-status.tsx";
import { parseQueueAddress, queueAddress } from "./queue-address.ts";
import { activeRow, selectedRows } from "./queue-memory.ts";
import { moved, type Selection, stillListed, toggledIn } from "./row-cursor.ts";
import type { RowFeed } from "./row-feed.ts";
import { orders } from "./row-order.ts";
import { RowTable } from "./row-table.tsx";
import { useQueueLayout } from "./use-layout.ts";
import { useRowFeed } from "./use-row-feed.ts";
import { FloodNote, ViewOptions } from "./view-options.tsx";
import "./queue.css";

/** Everything that waits, as rows: for those who want to see it all. */
export default function QueuePage() {
  useTitle(shellText.page.queue);
  const { url, route } = useLocation();
  const query = new URL(url, location.origin).search;
  const address = useMemo(() => parseQueueAddress(query), [query]);
  const go = (change: Partial<typeof address>) =>
    route(`${pages.queue.path}${queueAddress({ ...address, ...change })}`, true);
  const feed = useRowFeed(address.filters, address.sort);
  const search = useRef<HTMLInputElement>(null);
  useKeys("queue", { "queue.search": () => search.current?.focus() });
  if (!feed) return <main class="page queue-page" id="content" />;
  const known = knownValues(feed.rows.value, address.filters, me.value);
  return (
    <main class="page queue-page" id="content">
      <h1 class="unseen">{shellText.page.queue}</h1>
      <FloodNote onGroup={() => go({ group: "category" })} />
      <div class="queue-top">
        <FilterBar filters={address.filters} known={known} searchRef={search} onChange={(filters) => go({ filters })} />
        <ViewOptions
          sort={address.sort}
          group={address.group}
          onSort={(sort) => go({ sort })}
          onGroup={(group) => go({ group })}
        />
      </div>
      <ListStatus feed={feed} compare={orders[address.sort]} />
      <List feed={feed} address={address} go={go} />
    </main>
  );
}

type Address = ReturnType<typeof parseQueueAddress>;

function List({ feed, address, go }: { feed: RowFeed; address: Address; go: (change: Partial<Address>) => void }) {
  const { route } = useLocation();
  const layout = useQueueLayout();
  const [dialog, setDialog] = useState<"assign" | "close" | null>(null);
  const rows = feed.rows.value;
  const state = feed.state.value;
  const selection = stillListed(selectedRows.value, rows.byId);
  const selectable = mayActAs("lead");
  const select = (next: Selection) => {
    selectedRows.value = next;
  };
  const move = (count: number) => () => {
    activeRow.value = moved(rows.order, activeRow.peek(), count);
  };
  const open = (id: number) => route(incidentPath(id));
  const withActive = (act: (id: number) => void) => () => {
    const id = activeRow.peek() ?? rows.order[0];
    if (id !== undefined) act(id);
  };
  useKeys(
    "queue",
    {
      "queue.next": move(1),
      "queue.previous": move(-1),
      "queue.first": move(Number.NEGATIVE_INFINITY),
      "queue.last": move(Number.POSITIVE_INFINITY),
      "queue.select": withActive((id) => selectable && select(toggledIn(selection, id))),
      "queue.open": withActive(open),
    },
    { live: address.group === null },
  );
  const bulk = selection.size > 0 && (
    <BulkBar
      count={selection.size}
      onAssign={() => setDialog("assign")}
      onClose={() => setDialog("close")}
      onClear={() => select(new Set())}
    />
  );
  const table =
    address.group === null ? (
      <RowTable
        rows={rows}
        layout={layout}
        rowPx={layout === "cards" ? 68 : preferences.value?.rows === "compact" ? 32 : 40}
        active={activeRow.value}
        selection={selection}
        selectable={selectable}
        stale={connection.value === "lost"}
        bulk={bulk}
        onActive={(id) => {
          activeRow.value = id;
        }}
        onOpen={open}
        onSelect={select}
      />
    ) : (
      <GroupTable
        rows={rows}
        by={address.group}
        selection={selection}
        selectable={selectable}
        bulk={bulk}
        onSelect={select}
        onNarrow={(key) =>
          address.group && go({ filters: narrowedTo(address.filters, address.group, key), group: null })
        }
      />
    );
  const listed = () => {
    if (state.state === "failed") return <Failed what={queueText.failed} error={state.error} onRetry={feed.reload} />;
    if (state.state === "loading") return <Outlines rows={12} />;
    if (rows.order.length === 0 && rows.pending.size === 0)
      return <EmptyList filters={address.filters} onChange={(filters) => go({ filters })} />;
    return table;
  };
  const chosen = [...selection].flatMap((id) => rows.byId.get(id)?.incident ?? []);
  const done = () => {
    setDialog(null);
    select(new Set());
  };
  // Whatever becomes of the list meanwhile, a dialog stays until it is closed: it may just have emptied the list.
  return (
    <>
      {listed()}
      {dialog === "assign" && <AssignDialog incidents={chosen} onDone={done} onCancel={() => setDialog(null)} />}
      {dialog === "close" && <BulkCloseDialog incidents={chosen} onDone={done} onCancel={() => setDialog(null)} />}
    </>
  );
}
