/** Named filters, kept with the person's preferences. */
import type { Preferences } from "../../../review/contract/me.ts";

export type SavedView = Preferences["savedViews"][number];

/** Adds the view, or puts it in the place of one of the same name. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  const known = views.findIndex(({ name }) => name === view.name);
  return known === -1 ? [...views, view] : views.with(known, view);
}

export function withoutView(views: readonly SavedView[], name: string): SavedView[] {
  return views.filter((view) => view.name !== name);
}

const mostViews = 30;
export const longestViewName = 80;

/** Why a view cannot be saved under this name; null when it can. */
export function viewObstacle(views: readonly SavedView[], name: string): "no-name" | "too-long" | "too-many" | null {
  const trimmed = name.trim();
  if (trimmed === "") return "no-name";
  if (trimmed.length > longestViewName) return "too-long";
  return views.length >= mostViews && !views.some((view) => view.name === trimmed) ? "too-many" : null;
}
