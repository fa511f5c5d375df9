import { fileURLToPath } from "node:url";
import type { handleServerStreamingCall, handleUnaryCall, ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** One ScaledObject's trigger, as externalscaler.proto has it; received messages have every field. */
export interface ScaledObjectRef {
  name: string;
  namespace: string;
  scalerMetadata: Record<string, string>;
}

export interface MetricSpec {
  metricName: string;
  targetSize: number;
  targetSizeFloat: number;
}

export interface MetricValue {
  metricName: string;
  metricValue: number;
  metricValueFloat: number;
}

export type IsActiveResponse = { result: boolean };
export type GetMetricsRequest = { scaledObjectRef: ScaledObjectRef | null; metricName: string };

export interface ExternalScalerHandlers {
  IsActive: handleUnaryCall<ScaledObjectRef, IsActiveResponse>;
  StreamIsActive: handleServerStreamingCall<ScaledObjectRef, IsActiveResponse>;
  GetMetricSpec: handleUnaryCall<ScaledObjectRef, { metricSpecs: MetricSpec[] }>;
  GetMetrics: handleUnaryCall<GetMetricsRequest, { metricValues: MetricValue[] }>;
}

const file = fileURLToPath(new URL("./externalscaler.proto", import.meta.url));

/** The service of externalscaler.proto. */
export const externalScalerService = loadSync(file, { keepCase: true, longs: Number, defaults: true })[
  "externalscaler.ExternalScaler"
] as ServiceDefinition;
