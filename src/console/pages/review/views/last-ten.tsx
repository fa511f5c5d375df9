import { useEffect, useState } from "preact/hooks";
import type { DecisionView } from "../../../../review/contract/incident.ts";
import type { Me } from "../../../../review/contract/me.ts";
import { readMyDecisions } from "../../../api/review-api.ts";
import { tickMs } from "../../../api/server-clock.ts";
import { incidentPath } from "../../../shell/pages.ts";
import { reviewText } from "../../../strings/review.en.ts";
import { standing } from "../session/outgoing.ts";
import type { Judgement, Outgoing } from "../session/review-state.ts";

const text = reviewText.undo;

/** A line keeps its place while what stands in it moves on, so that nothing jumps. */
const places = Array.from({ length: 10 }, (_, at) => at);

/** The person's newest decisions and how they stand, those still under way first. */
export function LastTen({ outgoing, me }: { outgoing: readonly Outgoing[]; me: Me }) {
  const [stored, setStored] = useState<DecisionView[]>([]);
  useEffect(() => {
    // Without an answer the list begins with what is decided from now on.
    readMyDecisions().then(setStored, () => {});
  }, []);
  const own = outgoing.filter(({ act }) => act.kind === "decision");
  const known = new Set(own.map(({ decision }) => decision?.id));
  const lines = [
    ...own.map((one) => ({
      incidentId: one.incidentId,
      words: reviewText.act(one.act, one.streamId, me.actions),
      state: stateWords(one, tickMs.value),
    })),
    ...stored
      .filter(({ id }) => !known.has(id))
      .map((decision) => ({
        incidentId: decision.incidentId,
        words: reviewText.done(judgementOf(decision), decision.streamId, me.actions),
        state: storedWords(decision, tickMs.value),
      })),
  ];
  return (
    <section class="fact" data-fact="last-ten">
      <h2>{reviewText.facts.lastTen}</h2>
      {lines.length === 0 && <p class="muted">{reviewText.facts.none}</p>}
      <ol class="bare small last-ten">
        {places.map((place) => (
          <Line key={place} {...lines[place]} />
        ))}
      </ol>
    </section>
  );
}

function Line({ incidentId, words, state }: { incidentId?: number; words?: string; state?: string }) {
  if (incidentId === undefined) return null;
  return (
    <li>
      <a href={incidentPath(incidentId)} target="_blank" rel="noopener" class="cut">
        {words}
      </a>{" "}
      <span class="muted">{state}</span>
    </li>
  );
}

function judgementOf({ outcome, category, action }: DecisionView): Judgement {
  return outcome === "violation" ? { outcome, category: category ?? "", action: action ?? "" } : { outcome };
}

function stateWords(one: Outgoing, nowMs: number): string {
  const now = standing(one, nowMs);
  if (now === "saving" || now === "waiting" || now === "refused" || now === "undone") return text[now];
  return one.decision ? storedWords(one.decision, nowMs) : "";
}

function storedWords({ undoneAt, sentAt, sendAt }: DecisionView, nowMs: number): string {
  if (undoneAt) return text.undone;
  if (sentAt) return text.sent(sentAt);
  return nowMs < Date.parse(sendAt) ? text.goesOutIn(Date.parse(sendAt) - nowMs) : text.sent(sendAt);
}
