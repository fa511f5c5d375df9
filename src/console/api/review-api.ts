/** What the console asks of the server, one function per request; shapes are the contract's. All throw RequestError. */
import type { z } from "zod";
import type { BulkCloseAnswer, BulkCloseRequest, DecisionRequest } from "../../review/contract/decision.ts";
import type { Claim, HeartbeatAnswer, Hold, SkipRequest } from "../../review/contract/hold.ts";
import type {
  ActivityEntry,
  DecisionView,
  Incident,
  IncidentFilters,
  IncidentPage,
  Person,
} from "../../review/contract/incident.ts";
import type { Exposure, Me, Preferences, RevealRequest } from "../../review/contract/me.ts";
import { csrfToken, request, requestBlob } from "./request.ts";
import { observeServerTime } from "./server-clock.ts";

export type Reveal = z.infer<typeof RevealRequest>["reveals"][number];
export type SkipReason = z.infer<typeof SkipRequest>["reason"];
export type PictureForm = "sharp" | "smoothed";

/** Who is signed in; refused with `not-signed-in` at once if nobody is. */
export async function readMe(): Promise<Me> {
  const me = await timed(() => request<Me>("/v1/me", { waitForSignIn: false }));
  csrfToken.value = me.csrf;
  return me;
}

export const changePreferences = (preferences: Partial<Preferences>) =>
  request<Preferences | undefined>("/v1/me/preferences", { method: "PATCH", body: preferences });
export const readExposure = () => request<Exposure>("/v1/me/exposure");
export const readMyDecisions = () => request<DecisionView[]>("/v1/me/decisions");
export const reportReveals = (reveals: Reveal[]) =>
  request<void>("/v1/reveals", { method: "POST", body: { reveals }, keepalive: true });

export const claimNext = (known: number[]) =>
  timed(() => request<Claim>("/v1/holds/claim-next", { method: "POST", body: { known } }));
export const heartbeat = (tokens: number[]) =>
  timed(() => request<HeartbeatAnswer>("/v1/holds/heartbeat", { method: "POST", body: { tokens } }));
export const releaseHolds = (tokens: number[]) =>
  request<void>("/v1/holds/release", { method: "POST", body: { tokens } });

/** Gives holds back while the page goes away; such a request can set no header. */
export function releaseByBeacon(tokens: number[]): void {
  if (tokens.length === 0) return;
  const body = new Blob([JSON.stringify({ tokens, csrf: csrfToken.value })], { type: "application/json" });
  navigator.sendBeacon("/v1/holds/release", body);
}

export const listIncidents = (
  filters: IncidentFilters,
  { cursor, limit, sort }: { cursor?: string; limit?: number; sort?: string } = {},
  signal?: AbortSignal,
) => request<IncidentPage>("/v1/incidents", { query: { ...filters, cursor, limit, sort }, signal });
export const readIncident = (id: number, signal?: AbortSignal) => request<Incident>(`/v1/incidents/${id}`, { signal });
export const readIncidentActivity = (id: number, cursor?: string) =>
  request<{ items: ActivityEntry[]; next: string | null }>(`/v1/incidents/${id}/activity`, { query: { cursor } });

export const takeIncident = (id: number, takeOver: boolean) =>
  request<Hold>(`/v1/incidents/${id}/take`, { method: "POST", body: { takeOver } });
export const decide = (id: number, body: DecisionRequest, idempotencyKey: string) =>
  request<DecisionView>(`/v1/incidents/${id}/decision`, { method: "POST", body, idempotencyKey });
export const escalate = (id: number, token: number, note: string, idempotencyKey: string) =>
  request<void>(`/v1/incidents/${id}/escalate`, { method: "POST", body: { token, note }, idempotencyKey });
export const skip = (id: number, token: number, reason: SkipReason, idempotencyKey: string) =>
  request<void>(`/v1/incidents/${id}/skip`, { method: "POST", body: { token, reason }, idempotencyKey });
export const undoDecision = (decisionId: string) =>
  request<{ hold: Hold | null; holder: Person | null }>(`/v1/decisions/${decisionId}/undo`, { method: "POST" });

export const reopenIncident = (id: number, note: string) =>
  request<void>(`/v1/incidents/${id}/reopen`, { method: "POST", body: { note } });
export const setLegalHold = (id: number, on: boolean, reason: string) =>
  request<void>(`/v1/incidents/${id}/legal-hold`, { method: "POST", body: { on, reason } });
export const bulkClose = (body: z.infer<typeof BulkCloseRequest>, idempotencyKey: string) =>
  request<z.infer<typeof BulkCloseAnswer>>("/v1/incidents/bulk-close", { method: "POST", body, idempotencyKey });
export const assignIncidents = (incidents: number[], userId: string) =>
  request<{ assigned: number[]; refused: { id: number; why: string }[] }>("/v1/incidents/assign", {
    method: "POST",
    body: { incidents, userId },
  });

/** `reason` is needed for pictures that the law restricts. */
export const readPicture = (captureId: string, query: { form: PictureForm; reason?: string }, signal?: AbortSignal) =>
  requestBlob(`/v1/frames/${encodeURIComponent(captureId)}/picture`, { query, signal });
export const readThumbnail = (captureId: string, signal?: AbortSignal) =>
  requestBlob(thumbnailAddress(captureId), { signal });
/** Where a frame's 160 px thumbnail is; for the `src` of a covered picture. */
export const thumbnailAddress = (captureId: string) => `/v1/frames/${encodeURIComponent(captureId)}/thumbnail`;

async function timed<T extends { serverTime: string }>(ask: () => Promise<T>): Promise<T> {
  const askedAtMs = Date.now();
  const answer = await ask();
  observeServerTime(answer.serverTime, askedAtMs, Date.now());
  return answer;
}
