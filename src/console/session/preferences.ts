/** The person's preferences: changed at once on the page, then on the server, which keeps them. */
import { computed } from "@preact/signals";
import type { Preferences } from "../../review/contract/me.ts";
import { changePreferences } from "../api/review-api.ts";
import { me, session } from "./me.ts";

export const preferences = computed<Preferences | null>(() => me.value?.preferences ?? null);

/** Shows the change and stores it; takes it back and throws RequestError when the server refuses it. */
export async function prefer(change: Partial<Preferences>): Promise<void> {
  const before = me.peek()?.preferences;
  if (!before) return;
  set({ ...before, ...change });
  try {
    await changePreferences(change);
  } catch (error) {
    set(before);
    throw error;
  }
}

function set(next: Preferences): void {
  const now = session.peek();
  if (now.state === "signed-in") session.value = { ...now, me: { ...now.me, preferences: next } };
}

/** Theme and row height are attributes of the page's root, which the style sheets read. */
export function applyPreferences(root: HTMLElement, { theme, rows }: Pick<Preferences, "theme" | "rows">): void {
  root.dataset.theme = theme;
  root.dataset.rows = rows;
}
