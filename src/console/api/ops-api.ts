/** What the Ops page asks of the server; shapes are the contract's. All throw RequestError. */
import type { z } from "zod";
import type { Models, OpsHistory, OpsState } from "../../review/contract/ops.ts";
import type {
  Failures,
  RedriveAnswer,
  RedrivePreview,
  RedrivePreviewRequest,
  RedriveRequest,
  UnprocessablePage,
  UnprocessableQuery,
} from "../../review/contract/ops-failures.ts";
import type {
  OpsTuning,
  RestoreRequest,
  TuningChangeRequest,
  TuningLog,
  TuningPreview,
  TuningRequest,
  TuningStep,
} from "../../review/contract/ops-tuning.ts";
import { request, requestBlob } from "./request.ts";
import type { PictureForm } from "./review-api.ts";

export const readOpsState = () => request<OpsState>("/v1/ops/state");
/** @param after ms since 1970: only the samples after it */
export const readOpsHistory = (after: number) => request<OpsHistory>("/v1/ops/history", { query: { after } });
export const readModels = () => request<Models>("/v1/ops/models");

export const readTuning = () => request<OpsTuning>("/v1/ops/tuning");
export const readTuningLog = (limit: number) =>
  request<z.infer<typeof TuningLog>>("/v1/ops/tuning/log", { query: { limit } });
export const previewTuning = (body: z.input<typeof TuningChangeRequest>, signal?: AbortSignal) =>
  request<TuningPreview>("/v1/ops/tuning/preview", { method: "POST", body, signal });
export const changeTuning = (body: z.input<typeof TuningRequest>) =>
  request<OpsTuning>("/v1/ops/tuning", { method: "POST", body });
export const keepTuning = (body: z.input<typeof TuningStep>) =>
  request<OpsTuning>("/v1/ops/tuning/keep", { method: "POST", body });
export const revertTuning = (body: z.input<typeof TuningStep>) =>
  request<OpsTuning>("/v1/ops/tuning/revert", { method: "POST", body });
export const restoreTuning = (body: z.input<typeof RestoreRequest>) =>
  request<OpsTuning>("/v1/ops/tuning/restore", { method: "POST", body });

export const readFailures = () => request<z.infer<typeof Failures>>("/v1/ops/failures");
/** Newest first, a page at a time. */
export const readUnprocessable = (query: Pick<z.infer<typeof UnprocessableQuery>, "reason" | "cursor">) =>
  request<UnprocessablePage>("/v1/ops/unprocessable", { query: { ...query } });
/** The picture as it came, or smoothed; for moderators. */
export const readUnprocessablePicture = (id: string, form: PictureForm, signal?: AbortSignal) =>
  requestBlob(`/v1/ops/unprocessable/${encodeURIComponent(id)}/picture`, { query: { form }, signal });
export const previewRedrive = (body: z.input<typeof RedrivePreviewRequest>, signal?: AbortSignal) =>
  request<RedrivePreview>("/v1/ops/redrive/preview", { method: "POST", body, signal });
/** Asked twice, nothing is published twice. */
export const redrive = (body: z.input<typeof RedriveRequest>) =>
  request<RedriveAnswer>("/v1/ops/redrive", { method: "POST", body });
