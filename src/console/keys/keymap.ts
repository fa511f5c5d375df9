/** Which key does what for this person: the table of commands, with what they have remapped. Pure. */
import { type Command, type CommandId, type CommandScope, commands, liveTogether } from "./commands.ts";

export type Keymap = ReadonlyMap<CommandId, readonly string[]>;

/** `remapped` is command → key, as in the preferences; fixed commands and empty keys keep the table's. */
export function keymapOf(remapped: Readonly<Record<string, string>>): Keymap {
  return new Map(
    commandEntries().map(([id, command]) => {
      const own = remapped[id];
      return [id, own && !command.fixed ? [own] : command.keys];
    }),
  );
}

/** Every command with its id, in the order of the table. */
export function commandEntries(): [CommandId, Command][] {
  // The one place where the table's keys, which are strings to the compiler, take back their type.
  return Object.entries(commands) as [CommandId, Command][];
}

/** The live command that a press means after `prefix` ("g" or ""), if there is one. */
export function commandFor(
  keymap: Keymap,
  scopes: readonly CommandScope[],
  prefix: string,
  names: readonly string[],
): CommandId | undefined {
  const live = commandEntries().filter(([, { scope }]) => scopes.includes(scope));
  for (const name of names) {
    const wanted = prefix ? `${prefix} ${name}` : name;
    const found = live.find(([id]) => keymap.get(id)?.includes(wanted));
    if (found) return found[0];
  }
  return undefined;
}

/** Whether a press begins a sequence of a live command. */
export function prefixFor(keymap: Keymap, scopes: readonly CommandScope[], names: readonly string[]) {
  return names.find((name) =>
    commandEntries().some(
      ([id, { scope }]) => scopes.includes(scope) && keymap.get(id)?.some((key) => key.startsWith(`${name} `)),
    ),
  );
}

/** Pairs of commands that can be live at once and share a key, or of which one's key begins the other's. */
export function clashesOf(keymap: Keymap): { key: string; commands: [CommandId, CommandId] }[] {
  const found = liveTogether.flatMap((scopes) => {
    const live = commandEntries()
      .filter(([, { scope }]) => scopes.includes(scope))
      .flatMap(([id]) => (keymap.get(id) ?? []).map((key) => ({ id, key })));
    return live.flatMap((one, at) =>
      live
        .slice(at + 1)
        .filter((other) => other.id !== one.id && overlap(one.key, other.key))
        .map((other) => ({ key: one.key, commands: [one.id, other.id] satisfies [CommandId, CommandId] })),
    );
  });
  return [...new Map(found.map((clash) => [clash.commands.join(), clash])).values()];
}

const overlap = (one: string, other: string) =>
  one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `);
