import type { Action } from "../contract/me.ts";

/** What a platform can be asked to do until an admin says otherwise; in order of force. */
export const defaultActions: readonly Action[] = [
  { id: "warn", label: "Warn", done: "Warned", severe: false, role: "moderator" },
  { id: "blur", label: "Blur", done: "Blurred", severe: false, role: "moderator" },
  { id: "end-stream", label: "End stream", done: "Ended", severe: true, role: "moderator" },
  { id: "suspend", label: "Suspend", done: "Suspended", severe: true, role: "moderator" },
];
