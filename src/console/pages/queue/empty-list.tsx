import { Empty } from "../../components/panel-states.tsx";
import { queueText } from "../../strings/queue.en.ts";
import { activeFilters, type QueueFilters, withoutFilter } from "./filters.ts";

/** Why nothing is listed: the filters that hide everything, each with a button that clears it. */
export function EmptyList({ filters, onChange }: { filters: QueueFilters; onChange: (filters: QueueFilters) => void }) {
  const active = activeFilters(filters);
  if (active.length === 0) return <Empty>{queueText.emptyWaiting}</Empty>;
  return (
    <Empty
      action={
        <div class="row">
          {active.map((name) => (
            <button key={name} type="button" onClick={() => onChange(withoutFilter(filters, name))}>
              {queueText.clear(name)}
            </button>
          ))}
        </div>
      }
    >
      {queueText.emptyBecause(active)}
    </Empty>
  );
}
