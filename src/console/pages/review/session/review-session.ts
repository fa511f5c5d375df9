/**
 * Review at work: holds the state, asks the server, and keeps the pictures ready. Views read `state` and call what is
 * returned here; what happens to the state is in reduce.ts, and pure.
 */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Me } from "../../../../review/contract/me.ts";
import { connection } from "../../../api/connection.ts";
import { onReviewEvent } from "../../../api/event-stream.ts";
import { claimNext, releaseByBeacon, takeIncident, undoDecision } from "../../../api/review-api.ts";
import { serverNow } from "../../../api/server-clock.ts";
import { keysDown } from "../../../keys/key-listener.ts";
import { preferences } from "../../../session/preferences.ts";
import { onBreak } from "../../../shell/break.ts";
import { waiting } from "../../../shell/waiting.ts";
import { reviewText } from "../../../strings/review.en.ts";
import { tokensOf } from "./claims.ts";
import { followEvents } from "./follow-events.ts";
import { keepHolds } from "./hold-keeper.ts";
import { giveBack, inTurn, returned } from "./hold-turns.ts";
import { holdReviewTab } from "./one-tab.ts";
import { undoable } from "./outgoing.ts";
import { createPictureShelf, type PictureShelf } from "./picture-shelf.ts";
import { reduce } from "./reduce.ts";
import type { ReviewHappening } from "./review-event.ts";
import { type Act, initialState, type Outgoing, type ReviewState } from "./review-state.ts";
import { createSender } from "./sender.ts";
import { createUnsentStore } from "./unsent-store.ts";

export interface ReviewSession {
  state: ReadonlySignal<ReviewState>;
  pictures: PictureShelf;
  dispatch: (happening: ReviewHappening) => void;
  /** Sends an act on the incident on the stage, which leaves it at once. */
  act: (act: Act) => void;
  undo: () => void;
  claim: () => void;
  /** After a hold has ended: on to the next, or this one again. */
  goOn: () => void;
  takeAgain: () => Promise<void>;
  readRefusal: (key: string) => void;
  moveHere: () => void;
  stop: () => void;
}

const lookEveryMs = 5_000;
/** With both places taken a claim only asks for something more urgent than the standby. */
const swapEveryMs = 20_000;
/** Live updates may come by the hundred. */
const updatesClaimEveryMs = 1_000;

/** Starts at once; `stop` gives back what is held. */
export function startReview(me: Me): ReviewSession {
  const state = signal<ReviewState>(initialState);
  const pictures = createPictureShelf();
  const kept = createUnsentStore(me.user.id);
  let here = false;
  let stopped = false;
  let claiming = false;
  let claimedAtMs = Number.NEGATIVE_INFINITY;

  const dispatch = (happening: ReviewHappening) => {
    state.value = reduce(state.peek(), happening);
  };
  const sender = createSender(kept, dispatch, (key) => {
    const answered = state.peek().outgoing.find((one) => one.key === key);
    if (answered?.undo === "wanted") void askUndo(answered);
    queueMicrotask(claim);
  });

  const mayClaim = () => {
    const { phase } = state.peek();
    const may = here && !stopped && sender.idle() && document.visibilityState === "visible";
    return may && phase !== "break" && phase !== "elsewhere";
  };

  function claim(): void {
    if (claiming || !mayClaim()) return;
    claiming = true;
    claimedAtMs = performance.now();
    inTurn(claimInTurn)
      .catch((error) => dispatch({ type: "claim-failed", error }))
      .finally(() => {
        claiming = false;
      });
  }

  async function claimInTurn(): Promise<void> {
    if (!mayClaim()) return; // Things may have changed while it waited for its turn.
    const askedFor = state.peek().current?.hold.token ?? null;
    const answer = await claimNext(tokensOf(state.peek()));
    if (!here || stopped || state.peek().phase === "break") return returned([answer.current, answer.standby]);
    waiting.value = answer.waiting;
    dispatch({ type: "claimed", claim: answer, askedFor, atMs: performance.now() });
  }

  function act(what: Act): void {
    const { current } = state.peek();
    if (!current) return;
    const outgoing: Outgoing = {
      key: crypto.randomUUID(),
      incidentId: current.hold.incident.id,
      streamId: current.hold.incident.stream.streamId,
      act: what,
      madeAt: new Date(serverNow()).toISOString(),
      state: "saving",
      decision: null,
      undo: "no",
      why: null,
    };
    dispatch({ type: "acted", outgoing, atMs: performance.now() });
    sender.send(outgoing);
  }

  function undo(): void {
    const one = undoable(state.peek().outgoing, serverNow());
    if (!one) return;
    if (one.state === "saved") void askUndo(one);
    else dispatch({ type: "undo-wanted", key: one.key });
  }

  async function askUndo({ key, decision, streamId }: Outgoing): Promise<void> {
    if (!decision) return;
    dispatch({ type: "undo-asked", key });
    try {
      const { hold, holder } = await undoDecision(decision.id);
      const said = hold ? reviewText.undone(streamId) : reviewText.undoneElsewhere(streamId, holder?.name ?? null);
      dispatch({ type: "undone", key, hold, said, atMs: performance.now() });
      claim();
    } catch (error) {
      dispatch({ type: "undo-failed", key, said: reviewText.undoFailed(error instanceof Error ? error.message : "") });
    }
  }

  async function takeAgain(): Promise<void> {
    const ended = state.peek().current;
    if (!ended) return;
    try {
      const hold = await takeIncident(ended.hold.incident.id, false);
      dispatch({ type: "taken", hold, atMs: performance.now() });
      claim();
    } catch (error) {
      dispatch({ type: "said", words: error instanceof Error ? error.message : "" });
    }
  }

  const tab = holdReviewTab({
    here() {
      here = true;
      dispatch({ type: "here-again" });
      void kept.left().then((left) => {
        const known = new Set(state.peek().outgoing.map(({ key }) => key));
        const fresh = left.filter(({ key }) => !known.has(key));
        dispatch({ type: "restored", outgoing: fresh.toReversed() });
        for (const one of fresh) if (one.state !== "refused") sender.send(one);
        claim();
      });
    },
    elsewhere() {
      here = false;
      dispatch({ type: "moved-elsewhere" });
    },
  });

  const onVisibility = () => {
    const visible = document.visibilityState === "visible";
    dispatch({ type: "in-view", visible, atMs: performance.now() });
    const { standby } = state.peek();
    if (visible) claim();
    else if (standby) {
      dispatch({ type: "standby-left" });
      giveBack([standby]);
    }
  };
  const onLeave = () => releaseByBeacon(tokensOf(state.peek()));
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("pagehide", onLeave);

  const claimTimer = setInterval(() => {
    const { current, standby } = state.peek();
    if (!current || !standby || performance.now() - claimedAtMs >= swapEveryMs) claim();
  }, lookEveryMs);
  const claimOnUpdate = () => {
    if (performance.now() - claimedAtMs >= updatesClaimEveryMs) claim();
  };

  const stops = [
    keepHolds(() => state.peek(), dispatch, me.timing.heartbeatMs).stop,
    onReviewEvent((event) => followEvents(event, state.peek(), dispatch, claimOnUpdate)),
    effect(() => {
      if (keysDown.value.size === 0) dispatch({ type: "keys-up" });
    }),
    effect(() => {
      const { current, standby } = state.value;
      const own = preferences.value;
      if (own)
        pictures.fit(
          [current && !current.ended ? current.hold : null, standby].filter((hold) => hold !== null),
          own,
        );
    }),
    effect(() => {
      if (connection.value === "connected") claim();
    }),
    effect(() => {
      const resting = onBreak.value !== null;
      if (resting) {
        const { current, standby } = state.peek();
        giveBack([current && !current.ended ? current.hold : null, standby]);
        dispatch({ type: "break-began" });
      } else if (state.peek().phase === "break") {
        dispatch({ type: "break-ended" });
        claim();
      }
    }),
  ];

  return {
    state,
    pictures,
    dispatch,
    act,
    undo,
    claim,
    takeAgain,
    goOn() {
      dispatch({ type: "ended-read", atMs: performance.now() });
      claim();
    },
    readRefusal(key) {
      dispatch({ type: "refusal-read", key });
      void kept.forget(key);
    },
    moveHere: tab.moveHere,
    stop() {
      stopped = true;
      clearInterval(claimTimer);
      document.removeEventListener("visibilitychange", onVisibility);
      removeEventListener("pagehide", onLeave);
      for (const stop of stops) stop();
      const { current, standby } = state.peek();
      giveBack([current && !current.ended ? current.hold : null, standby]);
      tab.stop();
      pictures.clear();
    },
  };
}
