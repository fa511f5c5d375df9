import { useEffect, useState } from "preact/hooks";
import { signInNeeded } from "../../../api/request.ts";
import { type Mute, muteOfAct } from "../../../keys/key-gate.ts";
import type { ReviewState } from "../session/review-state.ts";

/** Why no act is taken now, kept up to date as time passes; and the same asked at the moment of a press. */
export function useMute(state: ReviewState): { mute: Mute | null; muteNow: () => Mute | null } {
  const focused = useWindowFocus();
  const signedIn = signInNeeded.value === null;
  const [, again] = useState(0);
  const muteAt = (nowMs: number) => {
    const { current, outgoing } = state;
    return muteOfAct(
      {
        focused,
        signedIn,
        held: current !== null && current.ended === null,
        undoing: outgoing.some(({ undo }) => undo === "asked"),
        paintedAtMs: current?.paintedAtMs ?? null,
        keysWereUp: current?.keysWereUp ?? false,
        framesJoinedAtMs: current?.restFromMs ?? null,
      },
      nowMs,
    );
  };
  const muted = muteAt(performance.now());
  const untilMs = muted?.untilMs ?? null;
  useEffect(() => {
    if (untilMs === null) return;
    const timer = setTimeout(() => again((count) => count + 1), Math.max(0, untilMs - performance.now()) + 1);
    return () => clearTimeout(timer);
  }, [untilMs]);
  return { mute: muted?.why ?? null, muteNow: () => muteAt(performance.now())?.why ?? null };
}

function useWindowFocus(): boolean {
  const [focused, setFocused] = useState(document.hasFocus());
  useEffect(() => {
    const update = () => setFocused(document.hasFocus());
    addEventListener("focus", update);
    addEventListener("blur", update);
    return () => {
      removeEventListener("focus", update);
      removeEventListener("blur", update);
    };
  }, []);
  return focused;
}
