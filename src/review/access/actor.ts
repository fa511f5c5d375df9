import type { Person } from "../contract/incident.ts";
import type { Role, Scope } from "./roles.ts";

/** Who acts: a person, signed in, or a machine with a key. A machine has no role and acts by its scopes alone. */
export type Actor =
  | { kind: "person"; id: string; name: string; role: Role; scopes: readonly Scope[] }
  | { kind: "key"; id: string; name: string; role: null; scopes: readonly Scope[] };

export type PersonActor = Extract<Actor, { kind: "person" }>;

/** A person as others see them. */
export function personOf({ id, name }: { id: string; name: string }): Person {
  return { id, name, initials: initialsOf(name) };
}

/** "PT" of "Person Two"; for names without spaces the first two letters. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => firstOf(word)) : [...name.trim()].slice(0, 2);
  return letters.join("").toUpperCase();
}

const firstOf = (word: string | undefined) => [...(word ?? "")][0] ?? "";
