/**
 * Listens to the keyboard of the whole page and runs what the table of commands says, after the gate.
 *
 * A command with `release` is one that is held: release comes when its key goes up, when the window loses the focus, or
 * when what registered it goes away, whichever is first.
 */
import { computed, signal } from "@preact/signals";
import { preferences } from "../session/preferences.ts";
import { type CommandId, type CommandScope, commands } from "./commands.ts";
import { type Mute, muteOfKey } from "./key-gate.ts";
import { isSingleCharacter, namesOf } from "./key-press.ts";
import { commandFor, keymapOf, prefixFor } from "./keymap.ts";

export type KeyHandler = (() => void) | { press: () => void; release: () => void };
export interface KeyRegistration {
  scope: CommandScope;
  handlers: Partial<Record<CommandId, KeyHandler>>;
  /** Told when a key of its scope did nothing, so that the page can say why. */
  onMuted?: (id: CommandId, why: Mute) => void;
}

export const keymap = computed(() => keymapOf(preferences.value?.keys ?? {}));
/** Codes of the keys that are down. */
export const keysDown = signal<ReadonlySet<string>>(new Set());

const registrations = new Set<KeyRegistration>();
const held = new Map<string, { release: () => void; registration: KeyRegistration }>();
const prefixMs = 1_000;
let prefix = { key: "", untilMs: 0 };

/** Adds commands to what is live; returns the way to take them away, which releases what is held of them. */
export function registerKeys(registration: KeyRegistration): () => void {
  registrations.add(registration);
  return () => {
    registrations.delete(registration);
    for (const [code, one] of held) if (one.registration === registration) releaseCode(code);
  };
}

/** Starts listening; returns the way to stop. */
export function listenForKeys(): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  addEventListener("keydown", onDown, { signal, capture: true });
  addEventListener("keyup", onUp, { signal, capture: true });
  addEventListener("blur", letGo, { signal });
  return () => {
    listening.abort();
    letGo();
  };
}

function onDown(event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229) return;
  if (!keysDown.peek().has(event.code)) keysDown.value = new Set([...keysDown.peek(), event.code]);
  const target = event.target instanceof Element ? event.target : null;
  const names = namesOf(event);
  if (isPressable(target) && (names.includes("Space") || names.includes("Enter"))) {
    // The browser presses the button, but not over and over while the key is held.
    if (event.repeat) event.preventDefault();
    return;
  }
  const scopes = liveScopes();
  const begun = performance.now() < prefix.untilMs ? prefix.key : "";
  const id = commandFor(keymap.peek(), scopes, begun, names) ?? commandFor(keymap.peek(), scopes, "", names);
  const around = {
    typing: isEditable(target),
    dialogOpen: document.querySelector("dialog:modal") !== null,
    repeat: event.repeat,
    afterPrefix:
      begun !== "" &&
      (id === undefined ||
        !keymap
          .peek()
          .get(id)
          ?.some((key) => key.startsWith(`${begun} `))),
    singleKeys: preferences.peek()?.singleKeys ?? true,
    singleCharacter: names.some(isSingleCharacter),
  };
  if (id === undefined) {
    const first = prefixFor(keymap.peek(), scopes, names);
    if (first && !around.typing && !around.dialogOpen && !around.repeat && around.singleKeys)
      prefix = { key: first, untilMs: performance.now() + prefixMs };
    return;
  }
  // A command of the page that nothing has taken just now: the key is the browser's, to scroll with.
  if (registrationsOf(id).length === 0) return;
  const mute = muteOfKey(commands[id] ?? neverLive, around);
  if (mute !== "typing" && mute !== "dialog" && mute !== "single-keys-off") event.preventDefault();
  if (mute === null) run(id, event.code);
  else for (const { onMuted } of registrationsOf(id)) onMuted?.(id, mute);
}

const neverLive = { scope: "everywhere", kind: "goes", keys: [] } as const;

function run(id: CommandId, code: string): void {
  prefix = { key: "", untilMs: 0 };
  for (const registration of registrationsOf(id)) {
    const handler = registration.handlers[id];
    if (typeof handler === "function") handler();
    else if (handler) {
      releaseCode(code);
      held.set(code, { release: handler.release, registration });
      handler.press();
    }
  }
}

function onUp(event: KeyboardEvent): void {
  releaseCode(event.code);
  // macOS tells nothing of keys that go up while ⌘ is down.
  if (event.key === "Meta") keysDown.value = new Set();
  else keysDown.value = new Set([...keysDown.peek()].filter((code) => code !== event.code));
}

function letGo(): void {
  for (const code of held.keys()) releaseCode(code);
  keysDown.value = new Set();
  prefix = { key: "", untilMs: 0 };
}

function releaseCode(code: string): void {
  const one = held.get(code);
  held.delete(code);
  one?.release();
}

const registrationsOf = (id: CommandId) => [...registrations].filter(({ handlers }) => id in handlers);

function liveScopes(): CommandScope[] {
  const scopes = [...registrations].map(({ scope }) => scope);
  return scopes.includes("choice") ? scopes.filter((scope) => scope === "choice" || scope === "everywhere") : scopes;
}

function isEditable(target: Element | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type)
  );
}

function isPressable(target: Element | null): boolean {
  return (
    target?.closest("button, a[href], summary, [role='button'], input[type='checkbox'], input[type='radio']") != null
  );
}
