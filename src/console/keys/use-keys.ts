import { useLayoutEffect, useRef } from "preact/hooks";
import type { CommandId, CommandScope } from "./commands.ts";
import type { Mute } from "./key-gate.ts";
import { type KeyHandler, registerKeys } from "./key-listener.ts";

/**
 * Makes commands of a scope live while the component is mounted and `live` holds. Handlers may change with every
 * render; the set of commands must not.
 */
export function useKeys(
  scope: CommandScope,
  handlers: Partial<Record<CommandId, KeyHandler>>,
  { live = true, onMuted }: { live?: boolean; onMuted?: (id: CommandId, why: Mute) => void } = {},
): void {
  const latest = useRef({ handlers, onMuted });
  latest.current = { handlers, onMuted };
  const ids = Object.keys(handlers).join(" ");
  // Not a moment later than what is on the screen: a list that is gone must not take the next key.
  useLayoutEffect(() => {
    if (!live) return;
    const names = ids.split(" ").filter((id): id is CommandId => id !== "");
    return registerKeys({
      scope,
      handlers: Object.fromEntries(names.map((id) => [id, handlerOf(() => latest.current.handlers[id])])),
      onMuted: (id, why) => latest.current.onMuted?.(id, why),
    });
  }, [scope, live, ids]);
}

function handlerOf(read: () => KeyHandler | undefined): KeyHandler {
  if (typeof read() === "function") {
    return () => {
      const handler = read();
      if (typeof handler === "function") handler();
    };
  }
  const part = (name: "press" | "release") => () => {
    const handler = read();
    if (typeof handler === "object") handler[name]();
  };
  return { press: part("press"), release: part("release") };
}
