import { useQuery } from "@tanstack/preact-query";
import { useEffect } from "preact/hooks";
import type { Incident } from "../../../review/contract/incident.ts";
import { ActivityTable } from "../../activity/activity-table.tsx";
import { useActivity } from "../../activity/use-activity.ts";
import { onReviewEvent } from "../../api/event-stream.ts";
import { Queries, queryClient } from "../../api/queries.tsx";
import { RequestError } from "../../api/request-error.ts";
import { readIncident, readIncidentActivity } from "../../api/review-api.ts";
import { Empty, Failed, Outlines } from "../../components/panel-states.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { useKeys } from "../../keys/use-keys.ts";
import { useTitle } from "../../shell/use-title.ts";
import { incidentText } from "../../strings/incident.en.ts";
import { useViewer } from "../../viewer/use-viewer.ts";
import { Viewer } from "../../viewer/viewer.tsx";
import { ActBar } from "./act-bar.tsx";
import { DecisionList } from "./decision-list.tsx";
import { IncidentFacts } from "./incident-facts.tsx";
import "./incident.css";

/** One incident at an address that stays, open or closed. */
export default function IncidentPage({ id }: { id: string }) {
  const number = Number(id);
  useTitle(incidentText.title(number));
  return (
    <Queries>
      <main class="page" id="content">
        <Loaded key={id} id={number} />
      </main>
    </Queries>
  );
}

function Loaded({ id }: { id: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["incident", id],
    queryFn: ({ signal }) => readIncident(id, signal),
  });
  useEffect(() => onReviewEvent((event) => concerns(event, id) && refresh(id)), [id]);
  if (data) return <Known incident={data} onChanged={() => refresh(id)} />;
  const title = <h1>{incidentText.title(id)}</h1>;
  if (error instanceof RequestError && error.code === "not-found")
    return (
      <>
        {title}
        <Empty>{incidentText.unknown}</Empty>
      </>
    );
  return (
    <>
      {title}
      {error ? (
        <Failed what={incidentText.failed} error={error} onRetry={() => void refetch()} />
      ) : (
        <Outlines rows={1} height="32rem" />
      )}
    </>
  );
}

function Known({ incident, onChanged }: { incident: Incident; onChanged: () => void }) {
  const viewer = useViewer(incident);
  useKeys("incident", {
    "incident.look": { press: () => viewer.begin("tone"), release: viewer.end },
    "incident.look-colour": { press: () => viewer.begin("colour"), release: viewer.end },
    "incident.frame-before": () => viewer.stepBy(-1),
    "incident.frame-after": () => viewer.stepBy(1),
    "incident.frame-first": viewer.toFirst,
    "incident.frame-last": viewer.toLast,
    "incident.frame-peak": viewer.toPeak,
  });
  useKeys("everywhere", { cover: viewer.hide });
  return (
    <>
      <header class="incident-head">
        <h1>
          <span class="unseen">{incidentText.title(incident.id)}</span>
          <span aria-hidden="true">{incidentText.number(incident.id)}</span>
        </h1>
        <SeverityMark severity={incident.severity} />
        <PlainName>{incident.category}</PlainName>
        <StateMark state={incident.state} />
        {incident.holder && <span class="muted">{incidentText.heldBy(incident.holder.name)}</span>}
        <ActBar incident={incident} onChanged={onChanged} />
      </header>
      <div class="incident-body">
        <Viewer incident={incident} viewer={viewer} keys />
        <div class="stack incident-side">
          <DecisionList decisions={incident.decisions} />
          <IncidentFacts incident={incident} />
        </div>
      </div>
      <Activity id={incident.id} />
    </>
  );
}

function Activity({ id }: { id: number }) {
  const { entries, error, retry, older } = useActivity(["incident", id], (cursor) => readIncidentActivity(id, cursor));
  return (
    <section class="stack">
      <h2>{incidentText.activity}</h2>
      {entries ? (
        <ActivityTable entries={entries} incidents={false} />
      ) : error ? (
        <Failed what={incidentText.activityFailed} error={error} onRetry={retry} />
      ) : (
        <Outlines rows={4} />
      )}
      {older && (
        <div>
          <button type="button" onClick={older}>
            {incidentText.more}
          </button>
        </div>
      )}
    </section>
  );
}

type LiveEvent = Parameters<Parameters<typeof onReviewEvent>[0]>[0];

function concerns(event: LiveEvent, id: number): boolean {
  if (event.type === "incident") return event.incident.id === id;
  return event.type === "reset" || (event.type === "decision" && event.decision.incidentId === id);
}

function refresh(id: number): void {
  void queryClient.invalidateQueries({ queryKey: ["incident", id] });
  void queryClient.invalidateQueries({ queryKey: ["activity", "incident", id] });
}
