import { useEffect } from "preact/hooks";
import type { Action, Me } from "../../../../review/contract/me.ts";
import type { SkipReason } from "../../../api/review-api.ts";
import type { Mute } from "../../../keys/key-gate.ts";
import { announce } from "../../../shell/announce.tsx";
import { keysText } from "../../../strings/keys.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { Act, Judgement, OnStage } from "../session/review-state.ts";
import { handlingMs } from "../session/stage.ts";
import { wordsOfNext } from "./next-words.ts";

const armedMs = 5_000;

/** What the buttons and keys of Review do, after the gate. A severe action, and one without a picture, arms first. */
export function useDeciding(
  session: ReviewSession,
  stage: OnStage | null,
  me: Me,
  { muteNow, withoutPicture }: { muteNow: () => Mute | null; withoutPicture: boolean },
) {
  const { dispatch } = session;
  const disarm = () => dispatch({ type: "disarmed" });
  useDisarming(stage, disarm);

  /** Whether an act may go on; says why not, and takes any other key than Enter as a change of mind. */
  const passes = (): boolean => {
    const why = muteNow();
    if (why) dispatch({ type: "said", words: keysText.mute[why] });
    if (stage?.armed) disarm();
    return why === null && stage !== null && stage.armed === null;
  };
  const send = (act: Act) => {
    if (!stage) return;
    session.act(act);
    const { streamId } = stage.hold.incident.stream;
    announce(`${reviewText.act(act, streamId, me.actions)}. ${wordsOfNext(session.state.peek(), me)}`);
  };
  const decide = (judgement: Judgement) => {
    if (!stage) return;
    const { token, incident } = stage.hold;
    send({
      kind: "decision",
      body: {
        ...judgement,
        token,
        seenThrough: incident.newestFrame,
        note: stage.note,
        withoutPicture,
        handlingMs: handlingMs(stage, performance.now()),
      },
    });
  };
  const judge = (judgement: Judgement, severe: boolean) => {
    if (!passes()) return;
    if (severe || withoutPicture) dispatch({ type: "armed", judgement, untilMs: performance.now() + armedMs });
    else decide(judgement);
  };
  return {
    noViolation: () => judge({ outcome: "no-violation" }, false),
    action: (action: Action | undefined) => {
      if (action && stage) judge({ outcome: "violation", category: stage.category, action: action.id }, action.severe);
    },
    commit() {
      const armed = stage?.armed;
      if (!armed || performance.now() >= armed.untilMs) return;
      const why = muteNow();
      if (why) dispatch({ type: "said", words: keysText.mute[why] });
      else decide(armed.judgement);
    },
    disarm,
    open(layer: "category" | "skip" | "escalate") {
      if (passes()) dispatch({ type: "layer", layer });
    },
    skip(reason: SkipReason) {
      if (passes() && stage) send({ kind: "skip", token: stage.hold.token, reason });
    },
    escalate(note: string) {
      dispatch({ type: "layer", layer: null });
      if (passes() && stage) send({ kind: "escalation", token: stage.hold.token, note });
    },
    undo() {
      if (stage?.armed) disarm();
      else session.undo();
    },
  };
}

export type Deciding = ReturnType<typeof useDeciding>;

/** Time, another key, a click elsewhere and leaving the window all disarm. */
function useDisarming(stage: OnStage | null, disarm: () => void): void {
  const untilMs = stage?.armed?.untilMs ?? null;
  useEffect(() => {
    if (untilMs === null) return;
    const timer = setTimeout(disarm, Math.max(0, untilMs - performance.now()));
    const onKey = (event: KeyboardEvent) => {
      if (event.repeat || ["Enter", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      disarm();
    };
    const onPointer = (event: PointerEvent) => {
      if (!(event.target instanceof Element) || !event.target.closest("[data-armed]")) disarm();
    };
    addEventListener("keydown", onKey);
    addEventListener("pointerdown", onPointer, { capture: true });
    addEventListener("blur", disarm);
    return () => {
      clearTimeout(timer);
      removeEventListener("keydown", onKey);
      removeEventListener("pointerdown", onPointer, { capture: true });
      removeEventListener("blur", disarm);
    };
  }, [untilMs]);
}
