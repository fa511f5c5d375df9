/** Who is signed in. Everything else of the page is drawn only once this is known. */
import { computed, signal } from "@preact/signals";
import type { Role, Scope } from "../../review/access/roles.ts";
import type { Me } from "../../review/contract/me.ts";
import { RequestError } from "../api/request-error.ts";
import { readMe } from "../api/review-api.ts";

export type Session =
  | { state: "asking" }
  | { state: "signed-out" }
  | { state: "failed"; error: RequestError }
  | { state: "signed-in"; me: Me };

export const session = signal<Session>({ state: "asking" });

/** null until somebody is signed in. */
export const me = computed(() => (session.value.state === "signed-in" ? session.value.me : null));

/** Asks who is signed in; called at the start, and again after signing in. */
export async function openSession(): Promise<void> {
  try {
    session.value = { state: "signed-in", me: await readMe() };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    session.value = error.code === "not-signed-in" ? { state: "signed-out" } : { state: "failed", error };
  }
}

const ranks: readonly Role[] = ["viewer", "moderator", "lead", "admin"];

/** Whether the person's role is `least` or above; the server checks this again. */
export function mayActAs(least: Role): boolean {
  const role = me.value?.user.role;
  return role !== undefined && ranks.indexOf(role) >= ranks.indexOf(least);
}

/** Whether the person has a scope; the server checks this again. */
export function hasScope(scope: Scope): boolean {
  return me.value?.user.scopes.includes(scope) ?? false;
}
