import type { Actor } from "./actor.ts";
import { mayActAs, type Role, type Scope } from "./roles.ts";

/**
 * Whom a route serves: anybody; people of at least a role; whoever has a scope; or either.
 * Every route declares one of these, and only the hook in api/guard.ts reads it.
 */
export type Access = "public" | { role: Role; scope?: Scope } | { role?: never; scope: Scope };

/** @param actor null: nobody is signed in, and there is no key */
export function judge(access: Access, actor: Actor | null): "allowed" | "not-signed-in" | "forbidden" {
  if (access === "public") return "allowed";
  if (!actor) return "not-signed-in";
  if (access.scope && actor.scopes.includes(access.scope)) return "allowed";
  if (access.role && actor.role && mayActAs(actor.role, access.role)) return "allowed";
  return "forbidden";
}

/** "the role lead", "the scope ingest", "the role viewer or the scope read". */
export function inWords(access: Exclude<Access, "public">): string {
  const role = access.role && `the role ${access.role}`;
  const scope = access.scope && `the scope ${access.scope}`;
  return [role, scope].filter(Boolean).join(" or ");
}
