import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Platform } from "../../../src/serving/render/platform.ts";
import { ModelServer } from "../../../src/serving/resource/model-server.ts";

export const platform: Platform = {
  tritonImage: "triton:1",
  briareusImage: "briareus:1",
  conversionImage: "conversion:1",
  envoyImage: "envoy:1",
  pauseImage: "pause:1",
  placeholderClass: "briareus-placeholder",
  clusterDomain: "cluster.local",
  prometheusUrl: "http://prometheus.monitoring:9090",
  has: { scaledObjects: true, serviceMonitors: true },
};

/** An example as the API server would keep it, with parts of its spec changed. */
export function exampleServer(name: string, changes: object = {}): ModelServer {
  const { metadata, spec } = parse(readFileSync(`deploy/examples/${name}.yaml`, "utf8"));
  const kept = { namespace: "models", uid: "00000000-0000-4000-8000-000000000001" };
  return ModelServer.parse({ metadata: { ...metadata, ...kept }, spec: { ...spec, ...changes } });
}
