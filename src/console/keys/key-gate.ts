/**
 * The gate before every command: nothing acts on a key that was already down, nor on a picture that was not yet
 * painted. Pure; the clock is an argument.
 */
import type { Command } from "./commands.ts";

/** Why a command does not act now. */
export type Mute =
  | "typing"
  | "dialog"
  | "repeat"
  | "single-keys-off"
  | "after-g"
  | "no-focus"
  | "signed-out"
  | "no-hold"
  | "undoing"
  | "not-painted"
  | "keys-down"
  | "joined";

/** How things stand around the key press, whatever the page. */
export interface Surroundings {
  /** The focus is in a field, or an input method is composing. */
  typing: boolean;
  dialogOpen: boolean;
  repeat: boolean;
  /** Within the second after G. */
  afterPrefix: boolean;
  singleKeys: boolean;
  /** What was pressed types a character. */
  singleCharacter: boolean;
}

/** How things stand on the stage; times are in milliseconds on one clock. */
export interface StageGate {
  focused: boolean;
  signedIn: boolean;
  held: boolean;
  /** A decision is being taken back; what is on the stage will change. */
  undoing: boolean;
  /** When the picture in its place was painted; null: not yet. */
  paintedAtMs: number | null;
  /** Every key was up at some moment since then. */
  keysWereUp: boolean;
  framesJoinedAtMs: number | null;
}

const settleMs = 300;
const joinRestMs = 1_000;

/** Why a pressed key does nothing; null: it may go on, acts to the gate of the stage. */
export function muteOfKey(command: Command, around: Surroundings): Mute | null {
  if (around.dialogOpen) return "dialog";
  if (around.typing && !command.whileTyping) return "typing";
  if (around.repeat && !command.repeats) return "repeat";
  if (around.afterPrefix) return "after-g";
  if (!around.singleKeys && around.singleCharacter) return "single-keys-off";
  return null;
}

/** Why an act is not taken now, by key or by button, and until when if that is known; null: it is. */
export function muteOfAct(gate: StageGate, nowMs: number): { why: Mute; untilMs: number | null } | null {
  if (!gate.signedIn) return { why: "signed-out", untilMs: null };
  if (!gate.held) return { why: "no-hold", untilMs: null };
  if (gate.undoing) return { why: "undoing", untilMs: null };
  if (!gate.focused) return { why: "no-focus", untilMs: null };
  if (gate.paintedAtMs === null) return { why: "not-painted", untilMs: null };
  const settledMs = gate.paintedAtMs + settleMs;
  if (nowMs < settledMs) return { why: "not-painted", untilMs: settledMs };
  if (!gate.keysWereUp) return { why: "keys-down", untilMs: null };
  const restedMs = (gate.framesJoinedAtMs ?? Number.NEGATIVE_INFINITY) + joinRestMs;
  if (nowMs < restedMs) return { why: "joined", untilMs: restedMs };
  return null;
}
