/** How keys are printed, and how assistive technology is told of them. */
import { keysText } from "../strings/keys.en.ts";
import type { CommandId } from "./commands.ts";
import type { Keymap } from "./keymap.ts";

const apple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** "Ctrl+Z", "G then R", "1": one key, for people. */
export function keyLabel(key: string): string {
  return key.split(" ").map(pressLabel).join(keysText.sequence);
}

function pressLabel(press: string): string {
  const parts = press.split(/\+(?=.)/);
  return parts.map((part) => (part === "Mod" ? (apple ? "⌘" : "Ctrl") : nameLabel(part))).join("+");
}

function nameLabel(name: string): string {
  if (name.startsWith("Digit")) return name.slice(5);
  const named: Record<string, string> = keysText.names;
  return named[name] ?? name.toUpperCase();
}

/** The first key of a command, printed; empty if it has none. */
export function labelOf(keymap: Keymap, id: CommandId): string {
  const key = keymap.get(id)?.[0];
  return key ? keyLabel(key) : "";
}

/** The value of `aria-keyshortcuts`; undefined where there is none to tell, as for sequences. */
export function ariaKeysOf(keymap: Keymap, id: CommandId): string | undefined {
  const keys = (keymap.get(id) ?? []).filter((key) => !key.includes(" "));
  const names = keys.map((key) => key.replace("Mod", apple ? "Meta" : "Control").replace("Digit", ""));
  return names.length > 0 ? names.map((name) => (name === "+" ? "Plus" : name)).join(" ") : undefined;
}
