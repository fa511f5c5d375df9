import type { ActivityEntry } from "../../review/contract/incident.ts";
import { PlainName } from "../components/plain-name.tsx";
import { incidentPath } from "../shell/pages.ts";
import { formatDateTime, plainName } from "../strings/format.en.ts";
import { incidentText } from "../strings/incident.en.ts";
import { type Detail, detailsOf } from "./activity-details.ts";
import "./activity-table.css";

/** Lines of the activity log, newest first; `incidents`: of many incidents, so that each line says which. */
export function ActivityTable({ entries, incidents }: { entries: readonly ActivityEntry[]; incidents: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div class="activity" tabIndex={0}>
      <table aria-label={incidentText.activity}>
        <thead>
          <tr>
            <th scope="col">{incidentText.when}</th>
            <th scope="col">{incidentText.who}</th>
            <th scope="col">{incidentText.what}</th>
            <th scope="col">{incidentText.details}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id} data-kind={entry.kind}>
              <td class="activity-when">
                <time datetime={entry.at}>{formatDateTime(entry.at)}</time>
              </td>
              <td>{entry.actorName === null ? incidentText.system : <PlainName>{entry.actorName}</PlainName>}</td>
              <td>
                {incidentText.kind(entry.kind)}
                {incidents && entry.incidentId !== null && (
                  <>
                    {" "}
                    <a href={incidentPath(entry.incidentId)}>{incidentText.number(entry.incidentId)}</a>
                  </>
                )}
              </td>
              <td class="activity-details">
                {detailsOf(entry.details).map((detail) => (
                  <Words key={detail.name} detail={detail} />
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Words({ detail: { name, from, to } }: { detail: Detail }) {
  return (
    <span class="activity-detail">
      {name !== "" && <span class="muted">{incidentText.detail(name)} </span>}
      <bdi>{from === null ? plainName(to) : incidentText.change(plainName(from), plainName(to))}</bdi>
    </span>
  );
}
