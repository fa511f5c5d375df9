/** What KEDA's operator asks an external scaler, as promises. */
import { type Client, credentials, makeClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { externalScalerService, type MetricSpec, type MetricValue } from "../src/scaling/keda/protocol.ts";

export interface KedaClient {
  isActive(stage: string): Promise<boolean>;
  metricSpec(stage: string): Promise<MetricSpec[]>;
  metrics(stage: string): Promise<MetricValue[]>;
  /** What the stream has said until now. */
  stream(stage: string): { said: boolean[]; error: Promise<ServiceError>; end(): void };
  close(): void;
}

type Unary = (request: object, callback: (error: ServiceError | null, response: never) => void) => void;

/** @param limits further metadata of the ScaledObjects */
export function kedaClient(address: string, limits: Record<string, string> = {}): KedaClient {
  const Constructor = makeClientConstructor(externalScalerService, "ExternalScaler");
  const client: Client & Record<string, unknown> = new Constructor(address, credentials.createInsecure());
  const object = (stage: string) => {
    const scalerMetadata = { ...limits, stage };
    return { name: `briareus-${stage}`, namespace: "live", scalerMetadata };
  };
  const ask = <Response>(method: string, request: object): Promise<Response> =>
    new Promise((resolve, reject) => {
      const call = client[method] as Unary;
      call.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  return {
    isActive: async (stage) => (await ask<{ result: boolean }>("IsActive", object(stage))).result,
    metricSpec: async (stage) => (await ask<{ metricSpecs: MetricSpec[] }>("GetMetricSpec", object(stage))).metricSpecs,
    metrics: async (stage) => {
      const request = { scaledObjectRef: object(stage), metricName: `briareus-${stage}-workers` };
      return (await ask<{ metricValues: MetricValue[] }>("GetMetrics", request)).metricValues;
    },
    stream(stage) {
      const call = client.makeServerStreamRequest(
        "/externalscaler.ExternalScaler/StreamIsActive",
        (externalScalerService.StreamIsActive ?? noMethod()).requestSerialize,
        (externalScalerService.StreamIsActive ?? noMethod()).responseDeserialize,
        object(stage),
      );
      const said: boolean[] = [];
      call.on("data", ({ result }: { result: boolean }) => said.push(result));
      const error = new Promise<ServiceError>((resolve) => call.on("error", resolve));
      return { said, error, end: () => call.cancel() };
    },
    close: () => client.close(),
  };
}

function noMethod(): never {
  throw new Error("the protocol has no StreamIsActive");
}
