import type { ModelServer } from "../resource/model-server.ts";
import { batchArguments } from "./batch-arguments.ts";
import { engineUri, needsConversion } from "./engine.ts";
import { type Manifest, ports } from "./manifest.ts";
import { claimVolumes, readableUri } from "./model-source.ts";
import { labelsOf, metadataOf, revisionName, selectorOf } from "./names.ts";
import { gpuLimit, placement } from "./nodes.ts";
import type { RevisionModel, Template } from "./revision.ts";
import { containerSecurity, podSecurity } from "./security.ts";
import { exitTimeoutSeconds, tritonArguments } from "./triton-arguments.ts";

/** Large models on slow disks, and a GPU library that is loaded for the first time, take minutes. */
const startLimitSeconds = 600;
const probeSeconds = 5;

/** The Tritons of one version: models are fetched before the server starts, and it is ready when all are warm. */
export function tritonDeployment(
  server: ModelServer,
  revision: string,
  template: Template,
  replicas: number,
): Manifest {
  const { models, resources } = template;
  const claims = claimVolumes(models);
  const labels = labelsOf(server, "server", revision);
  const repository = { name: "models", mountPath: "/models" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadataOf(server, revisionName(server, revision), labels),
    spec: {
      replicas,
      revisionHistoryLimit: 0,
      selector: { matchLabels: selectorOf(server, "server", revision) },
      // A GPU that is taken cannot be had twice: what is there goes on until the new one is ready, one at a time.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: template.serviceAccount,
          terminationGracePeriodSeconds: exitTimeoutSeconds + 15,
          securityContext: podSecurity,
          ...placement(template),
          volumes: [
            { name: "models", emptyDir: {} },
            { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } },
            ...claims.volumes,
          ],
          initContainers: models.map((model, index) => ({
            name: models.length > 1 ? `fetch-${index + 1}` : "fetch",
            image: template.briareusImage,
            args: fetchArguments(model, template),
            securityContext: containerSecurity,
            // What it says last tells the controller why a pod does not come up.
            terminationMessagePolicy: "FallbackToLogsOnError",
            volumeMounts: [repository, ...claims.mounts],
            resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { memory: "1Gi" } },
          })),
          containers: [
            {
              name: "triton",
              image: template.tritonImage,
              command: ["tritonserver"],
              args: tritonArguments(
                "/models",
                models.map(({ name }) => name),
              ),
              ports: [
                { name: "http", containerPort: ports.http },
                { name: "grpc", containerPort: ports.grpc },
                { name: "metrics", containerPort: ports.metrics },
              ],
              securityContext: containerSecurity,
              terminationMessagePolicy: "FallbackToLogsOnError",
              volumeMounts: [
                { ...repository, readOnly: true },
                { name: "shared-memory", mountPath: "/dev/shm" },
              ],
              resources: {
                requests: { cpu: resources.cpu, memory: resources.memory },
                limits: { memory: resources.memory, ...gpuLimit(template) },
              },
              ...probes,
            },
          ],
        },
      },
    },
  };
}

/** Ready means that every model is loaded and warmed up: Triton answers so only then. */
const probes = {
  startupProbe: {
    httpGet: { path: "/v2/health/live", port: "http" },
    periodSeconds: probeSeconds,
    failureThreshold: startLimitSeconds / probeSeconds,
  },
  readinessProbe: {
    httpGet: { path: "/v2/health/ready", port: "http" },
    periodSeconds: probeSeconds,
    failureThreshold: 2,
  },
  livenessProbe: {
    httpGet: { path: "/v2/health/live", port: "http" },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 6,
  },
};

function fetchArguments(model: RevisionModel, template: Template): string[] {
  const source = needsConversion(model) ? engineUri(model, template) : readableUri(model.uri);
  return [
    "model",
    "fetch",
    source,
    `--name=${model.name}`,
    "--into=/models",
    ...versionArguments(model),
    `--backend=${model.backend}`,
    `--precision=${model.precision}`,
    ...batchArguments(template),
  ];
}

/** Verdicts name the version; an address that ends with a number says which it is. */
function versionArguments({ uri }: RevisionModel): string[] {
  const last = /\/([1-9][0-9]{0,14})$/.exec(uri)?.[1];
  return last === undefined ? [] : [`--as-version=${last}`];
}
