/** The parts of Admin, each with an address of its own, and the least role that may open them. */
import type { Role } from "../../../review/access/roles.ts";

export const sections = {
  keys: "admin",
  people: "lead",
  evidence: "lead",
  exposure: "lead",
  targets: "lead",
  actions: "lead",
  log: "lead",
} as const satisfies Record<string, Role>;

export type AdminSection = keyof typeof sections;
export const sectionNames = [
  "keys",
  "people",
  "evidence",
  "exposure",
  "targets",
  "actions",
  "log",
] as const satisfies AdminSection[];
