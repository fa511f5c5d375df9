import type { ComponentChildren } from "preact";
import type { Incident } from "../../../review/contract/incident.ts";
import { Elapsed } from "../../components/clocks.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { incidentPath } from "../../shell/pages.ts";
import { formatDateTime, formatDay } from "../../strings/format.en.ts";
import { incidentText } from "../../strings/incident.en.ts";
import { reviewText } from "../../strings/review.en.ts";
import { TargetClock } from "../queue/target-clock.tsx";

const text = reviewText.facts;

/** What is known of the incident, as in Review. */
export function IncidentFacts({ incident }: { incident: Incident }) {
  const { stream, escalation } = incident;
  const closed = incident.state === "closed";
  const streamWords = [
    stream.live ? text.live(null) : null,
    stream.endedAt && formatDateTime(stream.endedAt),
    stream.viewers === null ? null : text.watching(stream.viewers),
  ].filter((part) => part !== null);
  return (
    <dl class="card incident-facts">
      <Fact name={text.stream}>
        <strong>
          <PlainName>{stream.streamId}</PlainName>
        </strong>{" "}
        <span class="muted">{streamWords.join(" · ")}</span>
        {stream.title && (
          <>
            <br />
            <PlainName>{stream.title}</PlainName>
          </>
        )}
      </Fact>
      <Fact name={text.priority}>
        {text.points(incident.priority)}{" "}
        <span class="muted">{incident.priorityTerms.map(({ why, points }) => text.term(why, points)).join(" · ")}</span>
      </Fact>
      <Fact name={text.found}>
        <PlainName>{incident.category}</PlainName> · {incidentText.peak(incident.peakScore)}{" "}
        <span class="muted">{text.model(incident.model, incident.modelVersion, incident.policyVersion)}</span>
        {incident.kind === "sampled" && <> · {incidentText.sampled}</>}
      </Fact>
      <Fact name={incidentText.frames}>{incidentText.framesOf(incident.flaggedCount, incident.frameCount)}</Fact>
      <Fact name={incidentText.opened}>{formatDateTime(incident.openedAt)}</Fact>
      {!closed && (
        <>
          <Fact name={incidentText.waiting}>
            <Elapsed since={incident.openedAt} />
          </Fact>
          <Fact name={incidentText.target}>
            <TargetClock until={incident.targetAt} />
          </Fact>
        </>
      )}
      {escalation && <Fact name={incidentText.escalation}>{text.escalated(escalation.by.name, escalation.note)}</Fact>}
      {incident.legalHold && <Fact name={incidentText.legalHoldName}>{incidentText.legalHold}</Fact>}
      <Fact name={text.history}>
        {text.earlier(incident.history.confirmed, incident.history.dismissed)}
        <Linked incident={incident} />
        <Earlier incident={incident} />
      </Fact>
    </dl>
  );
}

function Linked({ incident }: { incident: Incident }) {
  return (
    <>
      {incident.linkedTo !== null && (
        <p>
          <a href={incidentPath(incident.linkedTo)}>{text.linked(incident.linkedTo)}</a>
        </p>
      )}
      {incident.linkedFrom.map((id) => (
        <p key={id}>
          <a href={incidentPath(id)}>{incidentText.goesOnIn(id)}</a>
        </p>
      ))}
    </>
  );
}

function Earlier({ incident }: { incident: Incident }) {
  if (incident.earlier.length === 0) return null;
  return (
    <ul class="bare incident-earlier">
      {incident.earlier.map((one) => (
        <li key={one.id}>
          <SeverityMark severity={one.severity} bare /> <a href={incidentPath(one.id)}>{incidentText.number(one.id)}</a>{" "}
          <PlainName>{one.category}</PlainName> <span class="muted">{one.action ?? one.outcome ?? ""}</span>{" "}
          <span class="muted">{one.closedAt ? formatDay(one.closedAt) : ""}</span>
        </li>
      ))}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
