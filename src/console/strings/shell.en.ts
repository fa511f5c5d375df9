import type { Severity } from "../../capture/verdict.ts";
import type { Role, Scope } from "../../review/access/roles.ts";
import type { Connection } from "../api/connection.ts";
import { counted, formatElapsed, formatNumber, formatSpan } from "./format.en.ts";
import { severityText } from "./severity.en.ts";

/** Texts of the frame around every page. */
export const shellText = {
  product: "briareus",
  title: (page: string) => `${page} · briareus`,
  skip: "Skip to the content",
  pages: "Pages",
  page: {
    review: "Review",
    queue: "Queue",
    quality: "Quality",
    ops: "Ops",
    admin: "Admin",
    incident: "Incident",
    none: "Not found",
  },
  notFound: "There is no such page.",
  notAllowed: (role: Role) => `This page is for ${role}s and above.`,
  notAllowedScope: (scope: Scope) => `This page is for admins and people with the scope ${scope}, which admins give.`,
  connection: {
    connected: "connected",
    connecting: "connecting",
    lost: "connection lost",
  } satisfies Record<Connection, string>,
  connectionLabel: "Connection",
  lostSpoken: "Connection lost.",
  backSpoken: "Connected again.",
  waiting: (count: number) => `${formatNumber(count)} waiting`,
  oldestSevere: (ms: number) => `oldest severe ${formatElapsed(ms)}`,
  flood: (count: number, share: string, category: string, policyVersion: string) =>
    `${formatNumber(count)} waiting, ${share} ${category} under policy ${policyVersion}`,
  break: "break",
  keys: "keys",
  commands: "commands",
  menu: (name: string) => `Menu of ${name}`,
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  retry: "Retry",
  loading: "Loading",
  unexpected: "Something unexpected happened. Reload the page; if it comes back, tell whoever runs this system.",
  problem: (id: string) => `Problem ${id}`,
  notLoaded: "This page could not be loaded.",
  failedToStart: "The page could not find out who is signed in.",
  signIn: {
    title: "Sign in",
    words: "Decisions are yours by name, so this page needs to know who you are.",
    button: "Sign in",
    expiredTitle: "Your session has ended",
    expiredWords: "Sign in again: what you wrote stays, and what you sent goes again once you are back.",
    giveUp: "Stay signed out",
    returned: "Signed in. You can close this window.",
  },
  signOut: "Sign out",
  role: {
    viewer: "viewer",
    moderator: "moderator",
    lead: "lead",
    admin: "admin",
  } satisfies Record<Role, string>,
  exposureTitle: "Seen today, shown to you alone",
  exposureNone: "nothing revealed",
  exposure: (severity: Severity, ms: number) => `${formatSpan(ms)} of ${severityText[severity].toLowerCase()}`,
  incidents: (count: number) => counted(count, "incident", "incidents"),
  preferences: "Preferences",
};
