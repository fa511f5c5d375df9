import type { Action } from "../../review/contract/me.ts";
import type { CommandId } from "../keys/commands.ts";
import { keysText } from "../strings/keys.en.ts";

/** What a command is called; places of actions have the names that are configured. null: a place without an action. */
export function commandName(id: CommandId, actions: readonly Action[]): string | null {
  if (!id.startsWith("review.action.")) return keysText.command(id);
  return actions[Number(id.split(".")[2]) - 1]?.label ?? null;
}
