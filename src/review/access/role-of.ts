import { type Role, roles } from "./roles.ts";

/** Which of a person's groups at the sign-in service makes them what here. */
export interface RoleMapping {
  /** Name of the claim; `realm_access.roles` looks inside, unless a claim has just that name. */
  claim: string;
  /** Value of the claim → role. */
  roles: ReadonlyMap<string, Role>;
}

/** The highest role that a person's claims give them; undefined: none, so they have no access. */
export function roleOf(claims: Record<string, unknown>, mapping: RoleMapping): Role | undefined {
  const given = valuesOf(claimOf(claims, mapping.claim)).flatMap((value) => mapping.roles.get(value) ?? []);
  return roles.toReversed().find((role) => given.includes(role));
}

/** Whether the claim is there at all, whatever it says. */
export const hasClaim = (claims: Record<string, unknown>, name: string): boolean => claimOf(claims, name) !== undefined;

function claimOf(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

const valuesOf = (claim: unknown): string[] =>
  (Array.isArray(claim) ? claim : [claim]).filter((value) => typeof value === "string");
