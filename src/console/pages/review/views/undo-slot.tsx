import { useEffect, useRef } from "preact/hooks";
import type { Me } from "../../../../review/contract/me.ts";
import { tickMs } from "../../../api/server-clock.ts";
import { CommandButton } from "../../../components/command-button.tsx";
import { reviewText } from "../../../strings/review.en.ts";
import { undoable } from "../session/outgoing.ts";
import type { OnStage, Outgoing, ReviewState } from "../session/review-state.ts";
import type { Deciding } from "./use-deciding.ts";

const text = reviewText.undo;

interface Props {
  state: ReviewState;
  me: Me;
  deciding: Deciding;
  withoutPicture: boolean;
}

/** The line above the actions: what one more key commits, or what can be taken back, or what was said last. */
export function UndoSlot({ state, me, deciding, withoutPicture }: Props) {
  const armed = state.current?.armed;
  if (state.current && armed)
    return (
      <div class="undo">
        <Armed stage={state.current} armed={armed} me={me} onCommit={deciding.commit} withoutPicture={withoutPicture} />
      </div>
    );
  const one = undoable(state.outgoing, tickMs.value);
  return (
    <div class="undo" data-undo={one ? one.state : "empty"}>
      {/* Words of its own for each decision: those of another one would seem to move. */}
      {one ? <Offer key={one.key} one={one} me={me} onUndo={deciding.undo} /> : <span class="muted">{state.said}</span>}
    </div>
  );
}

function Offer({ one, me, onUndo }: { one: Outgoing; me: Me; onUndo: () => void }) {
  return (
    <>
      {one.undo === "no" ? (
        <CommandButton command="review.undo" onPress={onUndo}>
          {text.undo}
        </CommandButton>
      ) : (
        <span class="muted">{text.wanted}</span>
      )}
      <span>
        <strong>{reviewText.act(one.act, one.streamId, me.actions)}</strong>{" "}
        <span class="muted">· {standingWords(one, tickMs.value)}</span>
      </span>
    </>
  );
}

function standingWords({ state, decision }: Outgoing, nowMs: number): string {
  if (state === "saving") return text.saving;
  if (state === "waiting") return text.waiting;
  return decision ? text.goesOutIn(Date.parse(decision.sendAt) - nowMs) : "";
}

interface ArmedProps {
  stage: OnStage;
  armed: NonNullable<OnStage["armed"]>;
  me: Me;
  onCommit: () => void;
  withoutPicture: boolean;
}

function Armed({ stage, armed, me, onCommit, withoutPicture }: ArmedProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    button.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  // Ticks with the clock; the time itself is the page's.
  tickMs.value;
  const { streamId } = stage.hold.incident.stream;
  const { judgement, untilMs } = armed;
  const label = judgement.outcome === "violation" ? me.actions.find(({ id }) => id === judgement.action)?.label : null;
  const words = label ? reviewText.armed(label, streamId) : reviewText.armedNoViolation(streamId);
  return (
    <button ref={button} type="button" class="danger armed" data-armed onClick={onCommit}>
      <strong>{withoutPicture ? `${words} · ${reviewText.armedWithoutPicture}` : words}</strong>
      <span class="key">{reviewText.armedHint(untilMs - performance.now())}</span>
    </button>
  );
}
