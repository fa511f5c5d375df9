import { useMemo } from "preact/hooks";
import { Elapsed } from "../../components/clocks.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { incidentPath } from "../../shell/pages.ts";
import { formatNumber } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";
import type { QueueRow } from "./row-store.ts";
import { TargetClock } from "./target-clock.tsx";
import type { QueueLayout } from "./use-layout.ts";

interface Props {
  row: QueueRow;
  index: number;
  active: boolean;
  selected: boolean;
  /** Whether rows can be selected at all. */
  selectable: boolean;
  layout: QueueLayout;
}

/** One incident. It is drawn anew only when something of its own has changed; the table listens for its clicks. */
export function RowView({ row, index, active, selected, selectable, layout }: Props) {
  return useMemo(
    () => (
      <tr
        data-id={row.incident.id}
        data-gone={row.gone}
        aria-rowindex={index + 2}
        aria-selected={selectable ? selected : undefined}
        tabIndex={active ? 0 : -1}
      >
        {selectable && (
          <td class="queue-select">
            <input
              type="checkbox"
              tabIndex={active ? 0 : -1}
              checked={selected}
              aria-label={queueText.selectRow(row.incident.id)}
            />
          </td>
        )}
        {layout === "cards" ? <Card row={row} active={active} /> : <Cells row={row} active={active} layout={layout} />}
      </tr>
    ),
    [row, index, active, selected, selectable, layout],
  );
}

function Cells({ row: { incident, gone }, active, layout }: Pick<Props, "row" | "active" | "layout">) {
  const closed = incident.state === "closed";
  return (
    <>
      <td class="number">{formatNumber(Math.round(incident.priority))}</td>
      <td>
        <SeverityMark severity={incident.severity} />
      </td>
      <td class="cut">
        <RowLink row={{ incident, gone }} active={active} />
        {incident.kind === "sampled" && <span class="muted small"> {queueText.sampled}</span>}
        {incident.legalHold && <span class="muted small"> {queueText.legalHold}</span>}
      </td>
      <td class="cut">
        <PlainName>{incident.stream.streamId}</PlainName>
        {!incident.stream.live && <span class="muted small"> {queueText.ended}</span>}
      </td>
      <td class="cut">{gone ? <span class="muted">{queueText.gone}</span> : <StateMark state={incident.state} />}</td>
      {layout === "wide" && <td class="number">{formatNumber(incident.frameCount)}</td>}
      <td class="number">{closed ? queueText.nobody : <Elapsed since={incident.openedAt} />}</td>
      <td class="number">{closed ? queueText.nobody : <TargetClock until={incident.targetAt} />}</td>
      {layout === "wide" && (
        <td>
          {incident.holder ? <abbr title={incident.holder.name}>{incident.holder.initials}</abbr> : queueText.nobody}
        </td>
      )}
    </>
  );
}

function Card({ row: { incident, gone }, active }: Pick<Props, "row" | "active">) {
  const closed = incident.state === "closed";
  return (
    <td class="queue-card">
      <span class="queue-card-line">
        <SeverityMark severity={incident.severity} />
        <RowLink row={{ incident, gone }} active={active} />
        <span class="queue-card-end">
          {gone ? queueText.gone : <StateMark state={incident.state} holder={incident.holder} />}
        </span>
      </span>
      <span class="queue-card-line muted">
        <span>
          <span class="unseen">{queueText.priorityWord} </span>
          {formatNumber(Math.round(incident.priority))}
        </span>
        <span class="cut">
          <PlainName>{incident.stream.streamId}</PlainName>
        </span>
        {!closed && (
          <span class="queue-card-end">
            <Elapsed since={incident.openedAt} /> · <TargetClock until={incident.targetAt} />
          </span>
        )}
      </span>
    </td>
  );
}

function RowLink({ row: { incident }, active }: Pick<Props, "row" | "active">) {
  return (
    <a
      class="queue-link"
      href={incidentPath(incident.id)}
      tabIndex={active ? 0 : -1}
      aria-label={queueText.openRow(incident.id, incident.category)}
    >
      <PlainName>{incident.category}</PlainName>
    </a>
  );
}
