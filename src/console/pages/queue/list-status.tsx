import { connection } from "../../api/connection.ts";
import { streamState } from "../../api/event-stream.ts";
import { tickMs } from "../../api/server-clock.ts";
import { prefer, preferences } from "../../session/preferences.ts";
import { queueText } from "../../strings/queue.en.ts";
import { mostRows, type RowFeed } from "./row-feed.ts";
import { isOutOfOrder, matchCount, type RowOrder } from "./row-store.ts";

/** How many match, how old that is, what has come since, and how high the rows are. */
export function ListStatus({ feed, compare }: { feed: RowFeed; compare: RowOrder }) {
  const rows = feed.rows.value;
  const height = preferences.value?.rows ?? "comfortable";
  return (
    <div class="row queue-status">
      <p>
        <strong>{queueText.match(matchCount(rows))}</strong>
        {rows.order.length >= mostRows && ` · ${queueText.firstOnes(rows.order.length)}`}
        {" · "}
        <Age />
      </p>
      {rows.pending.size > 0 ? (
        <button type="button" onClick={feed.showNew}>
          {queueText.showNew(rows.pending.size)}
        </button>
      ) : (
        isOutOfOrder(rows, compare) && (
          <button type="button" class="plain" onClick={feed.showNew}>
            {queueText.sortAgain}
          </button>
        )
      )}
      <button
        type="button"
        class="plain queue-density"
        aria-pressed={height === "compact"}
        onClick={() => prefer({ rows: height === "compact" ? "comfortable" : "compact" }).catch(() => {})}
      >
        {queueText.rowHeights.compact}
      </button>
    </div>
  );
}

/** Updates come once a second while the stream is open; after that, the time since it broke. */
function Age() {
  const { state, atMs } = streamState.value;
  const oldMs = state === "open" ? 0 : tickMs.value - atMs;
  const lost = connection.value === "lost";
  return <span class={lost ? "queue-old" : "muted"}>{lost ? queueText.old(oldMs) : queueText.updated(oldMs)}</span>;
}
