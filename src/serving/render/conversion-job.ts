/**
 * Converts a model for the GPU type and precision of a version, in the shape of deploy/model-conversion: fetch, convert,
 * push. Who finds the engine in its place already only says so: the place's name holds all that the engine depends on.
 */
import type { ModelServer } from "../resource/model-server.ts";
import { batchArguments } from "./batch-arguments.ts";
import { engineUri } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { claimVolumes, readableUri } from "./model-source.ts";
import { labelsOf, metadataOf, shortHash } from "./names.ts";
import { gpuLimit, placement } from "./nodes.ts";
import type { RevisionModel, Template } from "./revision.ts";
import { containerSecurity, podSecurity } from "./security.ts";

const work = { name: "work", mountPath: "/conversion" };
const program = ["node", "/app/src/cli/main.ts"];

/** One Job per engine: versions that need the same one share it. */
export function conversionJobName(server: ModelServer, model: RevisionModel, template: Template): string {
  return `${server.metadata.name}-convert-${shortHash([engineUri(model, template), template.attempt])}`;
}

export function conversionJob(server: ModelServer, model: RevisionModel, template: Template): Manifest {
  const labels = labelsOf(server, "conversion");
  const { convert, backend } = model;
  const policy = convert?.policy;
  const claims = claimVolumes([model]);
  const engine = engineUri(model, template);
  const step = (name: string, image: string, mounts: readonly object[], rest: object) => ({
    ...{ name, image, securityContext: containerSecurity },
    terminationMessagePolicy: "FallbackToLogsOnError",
    env: [{ name: "HOME", value: "/conversion" }],
    volumeMounts: [work, ...mounts],
    ...rest,
  });
  const small = { requests: { cpu: "500m", memory: "512Mi" }, limits: { memory: "2Gi" } };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadataOf(server, conversionJobName(server, model, template), labels),
    spec: {
      // The same model fails again: a person must look. A node that goes away is no failure of the model.
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
      },
      activeDeadlineSeconds: 7_200,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          serviceAccountName: template.serviceAccount,
          securityContext: podSecurity,
          // A plan fits the GPU type that it is built on, and no other.
          ...(backend === "tensorrt" && placement(template)),
          volumes: [
            { name: "work", emptyDir: { sizeLimit: "20Gi" } },
            ...(policy ? [{ name: "policy", configMap: { name: policy } }] : []),
            ...claims.volumes,
          ],
          initContainers: [
            step("fetch", template.briareusImage, claims.mounts, {
              args: [
                ...["model", "fetch", readableUri(model.uri), `--name=${model.name}`],
                ...(convert ? ["--saved-model=/conversion/saved-model"] : ["--into=/conversion/source"]),
                ...[`--unless=${engine}`, "--unless-into=/conversion/models"],
              ],
              resources: small,
            }),
            step("convert", template.conversionImage, policy ? [policyMount] : [], {
              command: ["/bin/sh", "-c", 'test -e "$0" && exit 0; exec "$@"'],
              args: [
                `/conversion/models/${model.name}/config.pbtxt`,
                ...program,
                ...(convert ? convertArguments(model, convert) : buildArguments(model)),
                ...batchArguments(template),
              ],
              resources: {
                requests: { cpu: "2", memory: "8Gi" },
                limits: { memory: "16Gi", ...(backend === "tensorrt" && gpuLimit(template)) },
              },
            }),
          ],
          containers: [
            step("push", template.briareusImage, [], {
              args: ["model", "push", `/conversion/models/${model.name}`, engine],
              resources: small,
            }),
          ],
        },
      },
    },
  };
}

const policyMount = { name: "policy", mountPath: "/policy", readOnly: true };

function convertArguments(model: RevisionModel, convert: NonNullable<RevisionModel["convert"]>): string[] {
  const { labels, normalise, activation, policy, generated, maxChanged } = convert;
  return [
    ...["model", "convert", "/conversion/saved-model", `--name=${model.name}`, `--labels=${labels.join(",")}`],
    ...["--repository=/conversion/models", `--backend=${model.backend}`, `--precision=${model.precision}`],
    ...(normalise ? [`--normalise=${normalise}`] : []),
    ...(activation === "none" ? [] : [`--activation=${activation}`]),
    ...(policy ? ["--policy=/policy/policy.yaml"] : []),
    ...[`--generated=${generated}`, `--max-changed=${maxChanged}`],
  ];
}

function buildArguments({ name, backend }: RevisionModel): string[] {
  return ["model", "build", name, "--from=/conversion/source", `--backend=${backend}`, "--into=/conversion/models"];
}
