/**
 * A capture on its way through the stages, as it lies in queue jobs. Bytes never travel here: images and
 * tensors are blob references.
 *
 *     InFlight ──fetch──► Fetched ──preprocess──► Preprocessed ──infer──► Concluded ──postprocess──► verdict
 *         └── rejected at any stage ─────────────────────────────────────────┘
 */
import { z } from "zod";
import { Capture } from "./capture.ts";
import { reasonCodes } from "./reasons.ts";
import { ModelScores } from "./scores.ts";
import { CaptureTimes } from "./verdict.ts";

/** A reference into a blob store, opaque to all but the store that made it. */
export const BlobRef = z.string();
export type BlobRef = z.infer<typeof BlobRef>;

export const InFlight = z.object({
  capture: Capture,
  /** The ingress process that holds the capture's message and waits for its settlement. */
  ingressId: z.string(),
  /** Past this moment (ms since 1970) no costly work is begun: the verdict is `expired`. */
  deadlineAtMs: z.number(),
  /** Attempts spent at the present stage, 0 on arrival. */
  attempt: z.number().int().default(0),
  /** W3C trace context of the publisher, if it sent one. */
  traceparent: z.string().optional(),
  times: CaptureTimes,
});
export type InFlight = z.infer<typeof InFlight>;

const ImageBlob = z.object({ blob: BlobRef, bytes: z.number(), type: z.string() });

export const Fetched = InFlight.extend({ image: ImageBlob });
export type Fetched = z.infer<typeof Fetched>;

/** One row of a batch tensor that lies in a blob: `rows` captures of the same specification, contiguous. */
export const TensorRow = z.object({
  spec: z.string(),
  blob: BlobRef,
  row: z.number().int(),
  rows: z.number().int(),
});
export type TensorRow = z.infer<typeof TensorRow>;

/** The small JPEG of a capture: `bytes` from `offset` on, in a blob that holds all those of its batch. */
export const Thumbnail = z.object({ blob: BlobRef, offset: z.int().min(0), bytes: z.int().min(1) });
export type Thumbnail = z.infer<typeof Thumbnail>;

/** Pixels of the original picture as it is seen, turned by its orientation. */
const PictureSize = z.object({ width: z.int(), height: z.int() });
export type PictureSize = z.infer<typeof PictureSize>;

export const Preprocessed = Fetched.extend({
  tensors: z.array(TensorRow).min(1),
  /** Absent where thumbnails are switched off or could not be made. */
  thumbnail: Thumbnail.optional(),
  size: PictureSize.optional(),
});
export type Preprocessed = z.infer<typeof Preprocessed>;

export const Rejection = z.object({
  kind: z.literal("rejected"),
  verdict: z.enum(["unprocessable", "expired"]),
  reason: z.enum(reasonCodes),
  detail: z.string().optional(),
});
export type Rejection = z.infer<typeof Rejection>;

export const Scored = z.object({ kind: z.literal("scored"), scores: z.array(ModelScores) });
export type Scored = z.infer<typeof Scored>;

/** What postprocess, the one exit, is given. `capture` is partial only for messages that were no captures. */
export const Concluded = InFlight.extend({
  capture: Capture.partial().extend({ captureId: z.string() }),
  image: ImageBlob.optional(),
  thumbnail: Thumbnail.optional(),
  size: PictureSize.optional(),
  result: z.discriminatedUnion("kind", [Scored, Rejection]),
});
export type Concluded = z.infer<typeof Concluded>;
