/**
 * When a covered picture shows. Held: from the key or finger going down until it goes up. Pressed: for five seconds, or
 * until pressed again. In both, leaving the window covers at once, and hovering does nothing.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Preferences } from "../../review/contract/me.ts";
import type { Look } from "./cover.ts";

const pressedMs = 5_000;

export interface Looking {
  look: Look | null;
  /** The key, the finger or the mouse button goes down, and up. */
  begin: (look: Look) => void;
  end: () => void;
  /** A press of a button, which has no way to be held: shows for five seconds, or covers. */
  toggle: (look: Look) => void;
  cover: () => void;
}

/** @param subject what is looked at; when it changes, the new one begins covered */
export function useLook(mode: Preferences["look"], subject: string): Looking {
  const [state, setState] = useState<{ look: Look; subject: string } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const look = state?.subject === subject ? state.look : null;
  const cover = () => {
    clearTimeout(timer.current);
    setState(null);
  };
  const toggle = (next: Look) => {
    const again = look === next;
    cover();
    if (again) return;
    setState({ look: next, subject });
    timer.current = setTimeout(cover, pressedMs);
  };
  useEffect(() => {
    const leave = () => cover();
    addEventListener("blur", leave);
    document.addEventListener("visibilitychange", leave);
    return () => {
      clearTimeout(timer.current);
      removeEventListener("blur", leave);
      document.removeEventListener("visibilitychange", leave);
    };
  }, []);
  return {
    look,
    begin: (next) => (mode === "press" ? toggle(next) : setState({ look: next, subject })),
    end: () => mode === "hold" && cover(),
    toggle,
    cover,
  };
}
