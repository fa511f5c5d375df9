import type { Policy } from "../../policy/policy.ts";
import type { ModelBackend, ModelSettings } from "../repository/config-text.ts";
import type { AccuracyReport, Manifest } from "../repository/manifest.ts";
import type { SignatureWishes } from "./choose-signature.ts";
import type { PictureSource } from "./picture-tensor.ts";
import type { Activation, Precision } from "./run-converter.ts";

/** What is to be converted, how, and into what. */
export interface ConversionWishes extends SignatureWishes {
  savedModel: string;
  repository: string;
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
  /** For int8. */
  calibration: PictureSource;
  /** Share of the pictures that may be judged otherwise than by the SavedModel, 0..1. */
  maxChangedShare: number;
  serving: Pick<ModelSettings, "maxBatchSize" | "maxQueueDelayMicroseconds" | "maxQueueSize" | "instances">;
  /** Where a version goes that is not promoted; must not exist. */
  rejectedFolder: string;
  /** trtexec, where it is not on the PATH. */
  trtexec?: string;
}

export interface Conversion {
  manifest: Manifest;
  accuracy: AccuracyReport;
  /** Where the version lies: in the repository, or aside. */
  folder: string;
  promoted: boolean;
  /** Why it was not promoted, or that a config.pbtxt was left as it was. */
  notes: string[];
}

export interface ConversionProgress {
  log: (line: string) => void;
  onStep: (step: string, seconds: number) => void;
  signal?: AbortSignal;
  nowMs: () => number;
}
