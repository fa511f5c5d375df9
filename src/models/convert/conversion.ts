import type { Policy } from "../../policy/policy.ts";
import type { ModelBackend, ModelSettings } from "../repository/config-text.ts";
import type { Candidate, Progress } from "../repository/promote.ts";
import type { SignatureWishes } from "./choose-signature.ts";
import type { PictureSource } from "./picture-tensor.ts";
import type { Activation, Precision } from "./run-converter.ts";

/** What is to be converted, how, and into what. */
export interface ConversionWishes
  extends SignatureWishes,
    Pick<Candidate, "repository" | "rejectedFolder" | "trtexec"> {
  savedModel: string;
  name: string;
  backend: Extract<ModelBackend, "onnxruntime" | "tensorrt">;
  precision: Precision;
  opset: number;
  normalise?: string;
  activation: Activation;
  labels: readonly string[];
  /** Its verdicts are compared; absent, or where it does not name this model: the top labels. */
  policy?: Policy;
  pictures: PictureSource;
  /** An ONNX file to compare with in the place of the SavedModel, such as the version that serves now. */
  reference?: string;
  /** For int8. */
  calibration: PictureSource;
  /** Share of the pictures that may be judged otherwise than by the SavedModel, 0..1. */
  maxChangedShare: number;
  serving: Pick<ModelSettings, "maxBatchSize" | "maxQueueDelayMicroseconds" | "maxQueueSize" | "instances">;
}

export interface ConversionProgress extends Progress {
  log: (line: string) => void;
}
