import { advance, takeClaim } from "./claims.ts";
import { changeOutgoing, trimmed, withDecision } from "./outgoing.ts";
import type { ReviewHappening } from "./review-event.ts";
import { initialState, type OnStage, type ReviewState } from "./review-state.ts";
import { inView, putOnStage, withIncident, withSummary } from "./stage.ts";

/** The state after something happened. Pure: clocks and keys come with the happening. */
export function reduce(state: ReviewState, happening: ReviewHappening): ReviewState {
  switch (happening.type) {
    case "claimed":
      return takeClaim(state, happening.claim, happening.askedFor, happening.atMs);
    case "claim-failed":
      return { ...state, phase: state.phase === "starting" ? "failed" : state.phase, error: happening.error };
    case "restored":
      return { ...state, outgoing: [...state.outgoing, ...happening.outgoing] };
    case "moved-elsewhere":
      return { ...initialState, outgoing: state.outgoing, phase: "elsewhere" };
    case "here-again":
      return { ...initialState, outgoing: state.outgoing };
    case "break-began":
      return { ...state, phase: "break", current: null, standby: null, layer: null };
    case "break-ended":
      return { ...state, phase: "starting" };
    case "painted":
      return onStage(state, (stage) => {
        if (stage.hold.token !== happening.token || stage.paintedAtMs !== null) return stage;
        return { ...stage, paintedAtMs: happening.atMs, keysWereUp: !happening.anyKeyDown };
      });
    case "keys-up":
      return onStage(state, (stage) => (stage.paintedAtMs === null ? stage : { ...stage, keysWereUp: true }));
    case "in-view":
      return onStage(state, (stage) => inView(stage, happening.visible, happening.atMs));
    case "selected":
      return onStage(state, (stage) => ({ ...stage, selected: happening.captureId }));
    case "layer":
      return { ...onStage(state, disarm), layer: happening.layer };
    case "category":
      return { ...onStage(state, (stage) => ({ ...stage, category: happening.category })), layer: null };
    case "note":
      return onStage(state, (stage) => ({ ...stage, note: happening.note }));
    case "armed":
      return onStage(state, (stage) => ({
        ...stage,
        armed: { judgement: happening.judgement, untilMs: happening.untilMs },
      }));
    case "disarmed":
      return onStage(state, disarm);
    case "acted": {
      const outgoing = trimmed([happening.outgoing, ...state.outgoing]);
      return advance({ ...state, outgoing, said: null }, happening.atMs);
    }
    case "not-reached":
      return changeOutgoing(state, happening.key, (one) => ({ ...one, state: "waiting" }));
    case "saved":
      return changeOutgoing(state, happening.key, (one) => ({ ...one, state: "saved", decision: happening.decision }));
    case "refused":
      return changeOutgoing(state, happening.key, (one) => ({ ...one, state: "refused", why: happening.why }));
    case "refusal-read":
      return { ...state, outgoing: state.outgoing.filter(({ key }) => key !== happening.key) };
    case "undo-wanted":
      return changeOutgoing(state, happening.key, (one) => ({ ...one, undo: "wanted" }));
    case "undo-asked":
      return changeOutgoing(state, happening.key, (one) => ({ ...one, undo: "asked" }));
    case "undone":
      return undone(state, happening);
    case "undo-failed":
      return { ...changeOutgoing(state, happening.key, (one) => ({ ...one, undo: "no" })), said: happening.said };
    case "decision-told":
      return { ...state, outgoing: withDecision(state.outgoing, happening.decision) };
    case "incident-read":
      return {
        ...onStage(state, (stage) => withIncident(stage, happening.incident, happening.atMs)),
        standby:
          state.standby?.incident.id === happening.incident.id
            ? { ...state.standby, incident: happening.incident }
            : state.standby,
      };
    case "incident-told":
      return {
        ...onStage(state, (stage) => ({ ...stage, hold: withSummary(stage.hold, happening.incident) })),
        standby: state.standby && withSummary(state.standby, happening.incident),
      };
    case "hold-renewed":
      return {
        ...onStage(state, (stage) =>
          stage.hold.token === happening.token
            ? { ...stage, hold: { ...stage.hold, expiresAt: happening.expiresAt } }
            : stage,
        ),
        standby:
          state.standby?.token === happening.token
            ? { ...state.standby, expiresAt: happening.expiresAt }
            : state.standby,
      };
    case "hold-ended":
      return holdEnded(state, happening);
    case "taken":
      return { ...state, current: { ...putOnStage(happening.hold, happening.atMs), note: state.current?.note ?? "" } };
    case "ended-read":
      return advance(state, happening.atMs);
    case "standby-left":
      return { ...state, standby: null };
    case "said":
      return { ...state, said: happening.words };
  }
}

const onStage = (state: ReviewState, change: (stage: OnStage) => OnStage): ReviewState =>
  state.current ? { ...state, current: change(state.current) } : state;

const disarm = (stage: OnStage): OnStage => (stage.armed ? { ...stage, armed: null } : stage);

/** The incident that came back is on the stage, what was there is the standby, and what was standby is not held any more. */
function undone(
  state: ReviewState,
  { key, hold, said, atMs }: Extract<ReviewHappening, { type: "undone" }>,
): ReviewState {
  const outgoing = state.outgoing.filter((one) => one.key !== key);
  if (!hold) return { ...state, outgoing, said };
  const act = state.outgoing.find((one) => one.key === key)?.act;
  const note = act?.kind === "decision" ? act.body.note : "";
  const standby = state.current && !state.current.ended ? state.current.hold : null;
  return { ...state, outgoing, said, current: { ...putOnStage(hold, atMs), note }, standby, layer: null };
}

function holdEnded(
  state: ReviewState,
  { token, ...ended }: Extract<ReviewHappening, { type: "hold-ended" }>,
): ReviewState {
  if (state.standby?.token === token) return { ...state, standby: null };
  if (state.current?.hold.token !== token || state.current.ended) return state;
  const { by, at, holder } = ended;
  return { ...state, layer: null, current: { ...state.current, armed: null, ended: { by, at, holder } } };
}
