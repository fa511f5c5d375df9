import { fileURLToPath } from "node:url";
import type { handleUnaryCall, MethodDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/**
 * The KServe v2 protocol of proto/grpc_service.proto in TypeScript. Received messages have every field, absent
 * ones with protobuf's defaults; int64 and uint64 are numbers, enums are names.
 */
export interface Methods {
  ServerLive: { request: Empty; response: { live: boolean } };
  ServerReady: { request: Empty; response: { ready: boolean } };
  ServerMetadata: { request: Empty; response: { name: string; version: string; extensions: string[] } };
  ModelReady: { request: ModelName; response: { ready: boolean } };
  ModelMetadata: { request: ModelName; response: ModelMetadataResponse };
  ModelConfig: { request: ModelName; response: { config: ModelConfig | null } };
  ModelInfer: { request: ModelInferRequest; response: ModelInferResponse };
  ModelStatistics: { request: ModelName; response: { model_stats: ModelStatistics[] } };
  RepositoryIndex: { request: { ready: boolean }; response: { models: ModelIndex[] } };
  RepositoryModelLoad: { request: { model_name: string }; response: Empty };
  RepositoryModelUnload: { request: { model_name: string }; response: Empty };
}

export type MethodName = keyof Methods;
export type Request<Name extends MethodName> = Methods[Name]["request"];
export type Response<Name extends MethodName> = Methods[Name]["response"];

export type InferenceServiceHandlers = { [Name in MethodName]: handleUnaryCall<Request<Name>, Response<Name>> };

type InferenceService = { [Name in MethodName]: MethodDefinition<Request<Name>, Response<Name>> };

const proto = fileURLToPath(new URL("./proto/", import.meta.url));

const definitions = loadSync("grpc_service.proto", {
  includeDirs: [proto],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
});

/** The service `inference.GRPCInferenceService`, for a grpc-js client or server. */
export const inferenceService = definitions["inference.GRPCInferenceService"] as unknown as InferenceService;

type Empty = Record<never, never>;

interface ModelName {
  name: string;
  version?: string;
}

interface TensorDescription {
  name: string;
  datatype: string;
  shape: number[];
}

interface ModelMetadataResponse {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorDescription[];
  outputs: TensorDescription[];
}

/** A tensor's elements, row-major, in the field of its datatype; the other fields are empty. */
export interface TensorContents {
  bool_contents?: boolean[];
  int_contents?: number[];
  int64_contents?: number[];
  uint_contents?: number[];
  uint64_contents?: number[];
  fp32_contents?: number[];
  fp64_contents?: number[];
}

export interface InferTensor extends TensorDescription {
  contents?: TensorContents | null;
}

/** Raw contents are little-endian and row-major, one buffer per tensor, in the order of the tensors. */
export interface ModelInferRequest {
  model_name: string;
  model_version?: string;
  id?: string;
  inputs: InferTensor[];
  outputs?: { name: string; parameters?: Record<string, unknown> }[];
  raw_input_contents: Uint8Array[];
}

export interface ModelInferResponse {
  model_name: string;
  model_version: string;
  id?: string;
  outputs: InferTensor[];
  raw_output_contents: Uint8Array[];
}

export interface StatisticDuration {
  count: number;
  ns: number;
}

export interface ModelStatistics {
  name: string;
  version: string;
  last_inference: number;
  inference_count: number;
  execution_count: number;
  inference_stats: {
    success: StatisticDuration;
    fail: StatisticDuration;
    queue: StatisticDuration;
    compute_input: StatisticDuration;
    compute_infer: StatisticDuration;
    compute_output: StatisticDuration;
  };
  batch_stats: {
    batch_size: number;
    compute_input: StatisticDuration;
    compute_infer: StatisticDuration;
    compute_output: StatisticDuration;
  }[];
}

export interface ModelIndex {
  name: string;
  version: string;
  state: "READY" | "LOADING" | "UNAVAILABLE" | "";
  reason: string;
}

export interface ModelConfig {
  name: string;
  platform: string;
  backend: string;
  version_policy?: {
    latest?: { num_versions: number } | null;
    all?: Empty | null;
    specific?: { versions: number[] } | null;
  } | null;
  max_batch_size: number;
  input: { name: string; data_type: string; dims: number[] }[];
  output: { name: string; data_type: string; dims: number[] }[];
  instance_group: { count: number }[];
  default_model_filename: string;
  dynamic_batching?: {
    preferred_batch_size: number[];
    max_queue_delay_microseconds: number;
    default_queue_policy?: { max_queue_size: number } | null;
  } | null;
  parameters: Record<string, { string_value: string }>;
}
