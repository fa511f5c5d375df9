import { z } from "zod";

/** Each role may do what those before it may. */
export const roles = ["viewer", "moderator", "lead", "admin"] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/**
 * What a person or a key may do beside its role: `ops` tunes the pipeline, `ingest` publishes captures and tells of
 * streams, `read` lets a key read as a viewer does, `export` reads the activity log, `restricted` opens pictures that
 * the law restricts.
 */
export const scopes = ["ops", "ingest", "read", "export", "restricted"] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

/** Whether `role` may do what is asked of `least`. */
export function mayActAs(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}
