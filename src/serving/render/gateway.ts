import { envoyFiles } from "../../models/triton/envoy-files.ts";
import type { ModelServer } from "../resource/model-server.ts";
import { type Manifest, ports } from "./manifest.ts";
import { labelsOf, metadataOf, revisionName, selectorOf, shortHash } from "./names.ts";
import type { Platform } from "./platform.ts";
import { containerSecurity, podSecurity } from "./security.ts";

const folder = "/etc/envoy";
const host = "0.0.0.0";
/** Clients are let go of within this time; Envoy's own limit is below it. */
const drainSeconds = 20;

export interface Share {
  revision: string;
  /** Percent of the traffic. */
  weight: number;
}

/** What Envoy reads: the versions, each by the name of its Service, and their shares. */
export function gatewayConfig(server: ModelServer, shares: readonly Share[], { clusterDomain }: Platform): Manifest {
  const { namespace } = server.metadata;
  const versions = shares.map(({ revision, weight }) => {
    const host = `${revisionName(server, revision)}.${namespace}.svc.${clusterDomain}`;
    return { name: revision, weight, endpoints: [{ host, grpcPort: ports.grpc, httpPort: ports.http }] };
  });
  const data = envoyFiles({
    listen: { host, port: ports.grpc },
    admin: { host: "127.0.0.1", port: ports.envoyAdmin },
    observed: { host, port: ports.envoyProbe },
    ...{ folder, versions },
  });
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadataOf(server, gatewayName(server), labelsOf(server, "gateway")),
    data,
  };
}

/** The Envoys; what they read while they run is changed by the ConfigMap alone, and no Envoy is started anew for it. */
export function gatewayDeployment(
  server: ModelServer,
  config: Manifest,
  replicas: number,
  platform: Platform,
): Manifest {
  const labels = labelsOf(server, "gateway");
  const bootstrap = (config.data as Record<string, string>)["envoy.yaml"];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(server, gatewayName(server), labels),
    spec: {
      replicas,
      revisionHistoryLimit: 0,
      selector: { matchLabels: selectorOf(server, "gateway") },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        // Envoy reads its bootstrap only when it starts.
        metadata: { labels, annotations: { "briareus.dev/bootstrap": shortHash(bootstrap) } },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: drainSeconds + 10,
          securityContext: podSecurity,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: selectorOf(server, "gateway") },
            },
          ],
          volumes: [{ name: "config", configMap: { name: gatewayName(server) } }],
          containers: [
            {
              name: "envoy",
              image: platform.envoyImage,
              args: ["--config-path", `${folder}/envoy.yaml`, "--drain-time-s", "15", "--log-level", "warning"],
              ports: [
                { name: "grpc", containerPort: ports.grpc },
                { name: "observed", containerPort: ports.envoyProbe },
              ],
              readinessProbe: { httpGet: { path: "/ready", port: "observed" }, periodSeconds: 3 },
              lifecycle: { preStop: { exec: { command: ["/bin/bash", "-c", drain] } } },
              securityContext: containerSecurity,
              terminationMessagePolicy: "FallbackToLogsOnError",
              volumeMounts: [{ name: "config", mountPath: folder, readOnly: true }],
              resources: { requests: { cpu: "250m", memory: "128Mi" }, limits: { memory: "512Mi" } },
            },
          ],
        },
      },
    },
  };
}

/** The image has no curl; bash can speak HTTP well enough to ask for a drain. */
const drain = [
  `for path in /healthcheck/fail '/drain_listeners?graceful'; do`,
  `exec 3<>/dev/tcp/127.0.0.1/${ports.envoyAdmin} &&`,
  `printf 'POST %s HTTP/1.1\\r\\nHost: envoy\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$path" >&3 &&`,
  `cat <&3 >/dev/null; done; sleep ${drainSeconds}`,
].join(" ");

export const gatewayName = (server: ModelServer) => `${server.metadata.name}-gateway`;
