/** The list of actions as it is edited: mildest first, so that its order is that of the digits on the keyboard. */
import type { Action } from "../../../review/contract/me.ts";

export const mostActions = 8;
export const longestLabel = 40;

export type ActionProblem = "no-label" | "no-done" | "too-long" | "same-label";

/** What is wrong with each action, in their order; an empty list for a right one. */
export function actionProblems(actions: readonly Action[]): ActionProblem[][] {
  return actions.map((action, place) => {
    const label = action.label.trim().toLowerCase();
    const found: [ActionProblem, boolean][] = [
      ["no-label", label === ""],
      ["no-done", action.done.trim() === ""],
      ["too-long", Math.max(action.label.trim().length, action.done.trim().length) > longestLabel],
      ["same-label", label !== "" && actions.findIndex((one) => one.label.trim().toLowerCase() === label) < place],
    ];
    return found.filter(([, stands]) => stands).map(([problem]) => problem);
  });
}

/** The actions as they are stored. */
export function tidied(actions: readonly Action[]): Action[] {
  return actions.map((action) => ({ ...action, label: action.label.trim(), done: action.done.trim() }));
}

/** Moves an action by one place, to a milder or a harder one; at the ends nothing changes. */
export function movedAction(actions: readonly Action[], from: number, to: number): Action[] {
  const moving = actions[from];
  if (!moving || to < 0 || to >= actions.length) return [...actions];
  return actions.toSpliced(from, 1).toSpliced(to, 0, moving);
}

/** Appends an action. Its id stays when it is renamed, since decisions carry it. */
export function withNewAction(actions: readonly Action[]): Action[] {
  const taken = new Set(actions.map(({ id }) => id));
  let number = actions.length + 1;
  while (taken.has(`action-${number}`)) number += 1;
  return [...actions, { id: `action-${number}`, label: "", done: "", severe: true, role: "moderator" }];
}
