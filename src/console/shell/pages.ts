/** The pages, where they are and who may open them: people of at least a role; some, whoever has a scope. */
import type { Role, Scope } from "../../review/access/roles.ts";
import type { CommandId } from "../keys/commands.ts";
import { hasScope, mayActAs } from "../session/me.ts";

/** `scope` opens it, too, whatever the role. */
interface Page {
  path: string;
  command: CommandId;
  least: Role;
  scope?: Scope;
}

export const pages = {
  review: { path: "/review", least: "moderator", command: "page.review" },
  queue: { path: "/queue", least: "viewer", command: "page.queue" },
  quality: { path: "/quality", least: "viewer", command: "page.quality" },
  ops: { path: "/ops", least: "admin", scope: "ops", command: "page.ops" },
  admin: { path: "/admin", least: "lead", command: "page.admin" },
} as const satisfies Record<string, Page>;

export type PageName = keyof typeof pages;
export const pageNames = ["review", "queue", "quality", "ops", "admin"] as const satisfies PageName[];

/** Whether the person who is signed in may open a page; the server checks what it asks for again. */
export function mayOpen(name: PageName): boolean {
  const page = pages[name];
  return mayActAs(page.least) || ("scope" in page && hasScope(page.scope));
}

/** Where one begins: at the work that is one's own. */
export function homePath(): string {
  const home = (["review", "ops"] as const).find(mayOpen) ?? "queue";
  return pages[home].path;
}

/** The permalink of an incident. */
export const incidentPath = (id: number) => `/incidents/${id}`;
