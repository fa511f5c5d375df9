import { commonArguments } from "../../models/triton/triton-program.ts";
import { ports } from "./manifest.ts";

/** Connections are ended after so long, so that clients learn of new servers where no Envoy tells them. */
const connectionAgeMs = 300_000;
const connectionGraceMs = 30_000;
/** Requests under way when it is asked to stop get so long; the pod's own limit is above it. */
export const exitTimeoutSeconds = 30;

/** How every Triton of a ModelServer is started: its models by name, no polling, connections of a bounded age. */
export function tritonArguments(repository: string, models: readonly string[]): string[] {
  return [
    `--model-repository=${repository}`,
    ...commonArguments(models),
    `--http-port=${ports.http}`,
    `--grpc-port=${ports.grpc}`,
    `--metrics-port=${ports.metrics}`,
    `--grpc-max-connection-age=${connectionAgeMs}`,
    `--grpc-max-connection-age-grace=${connectionGraceMs}`,
    `--exit-timeout-secs=${exitTimeoutSeconds}`,
  ];
}
