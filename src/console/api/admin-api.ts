/** What admins and leads ask of the server; shapes are the contract's. All throw RequestError. */
import type { z } from "zod";
import type {
  ApiKeyView,
  ChangeSettingRequest,
  CreatedKey,
  CreateKeyRequest,
  Retention,
  RetentionPreview,
  ReviewSetting,
  ReviewSettingName,
  UpdateUserRequest,
  UserView,
} from "../../review/contract/admin.ts";
import type { ActivityEntry } from "../../review/contract/incident.ts";
import type { Quality, QualityQuery } from "../../review/contract/quality.ts";
import { addressOf, request } from "./request.ts";

export const readKeys = () => request<ApiKeyView[]>("/v1/keys");
export const createKey = (body: z.input<typeof CreateKeyRequest>) =>
  request<z.infer<typeof CreatedKey>>("/v1/keys", { method: "POST", body });
export const revokeKey = (id: string) => request<void>(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });

export const readUsers = () => request<UserView[]>("/v1/users");
export const changeUser = (id: string, body: z.infer<typeof UpdateUserRequest>) =>
  request<unknown>(`/v1/users/${encodeURIComponent(id)}`, { method: "PATCH", body });

export const readSetting = (name: ReviewSettingName) => request<ReviewSetting>(`/v1/settings/${name}`);
export const changeSetting = (name: ReviewSettingName, body: z.infer<typeof ChangeSettingRequest>) =>
  request<unknown>(`/v1/settings/${name}`, { method: "PUT", body });
export const previewRetention = (body: Retention, signal?: AbortSignal) =>
  request<z.infer<typeof RetentionPreview>>("/v1/settings/retention/preview", { method: "POST", body, signal });

export const readActivity = (cursor?: string) =>
  request<{ items: ActivityEntry[]; next: string | null }>("/v1/activity", { query: { cursor } });
/** Where the activity log comes as a file. */
export const activityExportAddress = (format: "csv" | "jsonl", from: string, to: string) =>
  addressOf("/v1/activity/export", { format, from, to });

export const readQuality = (query: z.infer<typeof QualityQuery>) => request<Quality>("/v1/quality", { query });
