/** The pages, where they are and who may open them. */
import type { Role } from "../../review/access/roles.ts";
import type { CommandId } from "../keys/commands.ts";

export const pages = {
  review: { path: "/review", least: "moderator", command: "page.review" },
  queue: { path: "/queue", least: "viewer", command: "page.queue" },
  quality: { path: "/quality", least: "viewer", command: "page.quality" },
  admin: { path: "/admin", least: "lead", command: "page.admin" },
} as const satisfies Record<string, { path: string; least: Role; command: CommandId }>;

export type PageName = keyof typeof pages;
export const pageNames = ["review", "queue", "quality", "admin"] as const satisfies PageName[];

/** The permalink of an incident. */
export const incidentPath = (id: number) => `/incidents/${id}`;
