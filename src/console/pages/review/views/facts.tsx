import type { ComponentChildren } from "preact";
import type { Incident } from "../../../../review/contract/incident.ts";
import type { Me } from "../../../../review/contract/me.ts";
import { tickMs } from "../../../api/server-clock.ts";
import { PlainName } from "../../../components/plain-name.tsx";
import { SeverityMark } from "../../../components/severity-mark.tsx";
import type { CommandId } from "../../../keys/commands.ts";
import { labelOf } from "../../../keys/key-label.ts";
import { keymap } from "../../../keys/key-listener.ts";
import { incidentPath } from "../../../shell/pages.ts";
import { formatDay, formatSpan } from "../../../strings/format.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { OnStage } from "../session/review-state.ts";

const text = reviewText.facts;

/** Why the incident is here and what the policy says of it, beside the picture. */
export function Facts({
  session,
  stage,
  me,
  narrow,
}: {
  session: ReviewSession;
  stage: OnStage;
  me: Me;
  narrow: boolean;
}) {
  const { incident } = stage.hold;
  const words = me.categories.find(({ category }) => category === stage.category);
  const finding = incident.frames
    .flatMap(({ findings }) => findings)
    .find(({ category }) => category === incident.category);
  return (
    <>
      <Fact name="stream" title={text.stream}>
        <StreamFact incident={incident} />
      </Fact>
      <Fact name="priority" title={`${text.priority} ${text.points(incident.priority)}`}>
        <p class="muted">
          {incident.priorityTerms
            .filter(({ points }) => Math.round(points) !== 0)
            .map(({ why, points }) => text.term(why, points))
            .join(" · ")}
        </p>
      </Fact>
      <Fact name="found" title={text.found}>
        <p>
          {reviewText.finding(incident.category, incident.peakScore, finding?.threshold ?? null)}
          <br />
          <span class="muted small">{text.model(incident.model, incident.modelVersion, incident.policyVersion)}</span>
        </p>
        {incident.escalation && <p>{text.escalated(incident.escalation.by.name, incident.escalation.note)}</p>}
        {incident.linkedTo !== null && (
          <p>
            <a href={incidentPath(incident.linkedTo)} target="_blank" rel="noopener">
              {text.linked(incident.linkedTo)}
            </a>
          </p>
        )}
      </Fact>
      <FoldedFact name="policy" title={text.policy} command="review.policy" open>
        {words && words.counts.length + words.doesNotCount.length > 0 ? (
          <>
            <PolicyWords title={text.counts} lines={words.counts} />
            <PolicyWords title={text.doesNotCount} lines={words.doesNotCount} />
          </>
        ) : (
          <p class="muted">{text.noWords}</p>
        )}
      </FoldedFact>
      <FoldedFact name="history" title={text.history} command="review.history" open={!narrow}>
        <p>{text.earlier(incident.history.confirmed, incident.history.dismissed)}</p>
        <Earlier incident={incident} />
      </FoldedFact>
      <FoldedFact name="note" title={text.note} command="review.note" open={!narrow}>
        <textarea
          rows={2}
          maxLength={4000}
          aria-label={text.note}
          placeholder={text.noteHint}
          value={stage.note}
          onInput={(event) => session.dispatch({ type: "note", note: event.currentTarget.value })}
        />
      </FoldedFact>
    </>
  );
}

function StreamFact({ incident }: { incident: Incident }) {
  const { streamId, title, live, viewers, startedAt, endedAt } = incident.stream;
  const parts = [
    live ? text.live(startedAt && formatSpan(roundedMinute(tickMs.value - Date.parse(startedAt)))) : null,
    endedAt ? text.ended(formatSpan(tickMs.value - Date.parse(endedAt))) : null,
    viewers === null ? null : text.watching(viewers),
  ].filter((part) => part !== null);
  return (
    <p>
      <strong>
        <PlainName>{streamId}</PlainName>
      </strong>{" "}
      <span class={live ? "live" : "muted"}>{parts.join(" · ")}</span>
      {title && (
        <>
          <br />
          <span class="muted">
            <PlainName>{title}</PlainName>
          </span>
        </>
      )}
    </p>
  );
}

const roundedMinute = (ms: number) => Math.max(60_000, Math.floor(ms / 60_000) * 60_000);

function PolicyWords({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <p class="muted small">{title}</p>
      <ul class="words">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function Earlier({ incident }: { incident: Incident }) {
  if (incident.earlier.length === 0) return null;
  return (
    <ul class="bare small earlier">
      {incident.earlier.slice(0, 5).map((one) => (
        <li key={one.id}>
          <SeverityMark severity={one.severity} bare />
          <a href={incidentPath(one.id)} target="_blank" rel="noopener">
            #{one.id}
          </a>
          <PlainName>{one.category}</PlainName>
          <span class="muted">{one.action ?? one.outcome ?? ""}</span>
          <span class="muted">{one.closedAt ? formatDay(one.closedAt) : ""}</span>
        </li>
      ))}
    </ul>
  );
}

interface FactProps {
  name: string;
  title: string;
  children: ComponentChildren;
}

function Fact({ name, title, children }: FactProps) {
  return (
    <section class="fact" data-fact={name}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function FoldedFact({ name, title, command, open, children }: FactProps & { command: CommandId; open: boolean }) {
  return (
    <details class="fact" data-fact={name} open={open}>
      <summary>
        <h2>{title}</h2> <kbd>{labelOf(keymap.value, command)}</kbd>
      </summary>
      {children}
    </details>
  );
}
