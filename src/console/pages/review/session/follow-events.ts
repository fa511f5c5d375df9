import type { ReviewEvent } from "../../../../review/contract/events.ts";
import { readIncident } from "../../../api/review-api.ts";
import type { ReviewHappening } from "./review-event.ts";
import type { ReviewState } from "./review-state.ts";

type Told<Type extends ReviewEvent["type"]> = Extract<ReviewEvent, { type: Type }>;
type Dispatch = (happening: ReviewHappening) => void;

/** What a live update means for Review. */
export function followEvents(event: ReviewEvent, state: ReviewState, dispatch: Dispatch, claim: () => void): void {
  if (event.type === "decision") dispatch({ type: "decision-told", decision: event.decision });
  if (event.type === "hold-ended") holdEnded(event, state, dispatch, claim);
  if (event.type === "incident") incidentTold(event, state, dispatch, claim);
  if (event.type === "reset") claim();
  if (event.type === "waiting" && event.waiting.count > 0 && !state.current) claim();
}

function holdEnded(event: Told<"hold-ended">, { standby }: ReviewState, dispatch: Dispatch, claim: () => void): void {
  const { token, endedBy: by, endedAt: at, holder } = event;
  if (by !== "swapped") {
    dispatch({ type: "hold-ended", token, by, at, holder });
    return;
  }
  if (standby?.token === token) dispatch({ type: "standby-left" });
  claim();
}

/** Frames that joined are read by a request, as updates carry none. */
function incidentTold(
  { incident, newestFrame }: Told<"incident">,
  { current, standby }: ReviewState,
  dispatch: Dispatch,
  claim: () => void,
): void {
  const holds = [current && !current.ended ? current.hold : null, standby];
  const held = holds.find((hold) => hold?.incident.id === incident.id);
  if (!held) {
    if (incident.state === "open" && (!current || !standby)) claim();
    return;
  }
  dispatch({ type: "incident-told", incident });
  if (newestFrame <= held.incident.newestFrame) return;
  readIncident(incident.id).then(
    (read) => dispatch({ type: "incident-read", incident: read, atMs: performance.now() }),
    // The next update, or the server at the decision, tells of them again.
    () => {},
  );
}
