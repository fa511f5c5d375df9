import type { ModelServer } from "../resource/model-server.ts";
import { type Manifest, ports } from "./manifest.ts";
import { labelsOf, metadataOf, revisionName, shortHash } from "./names.ts";
import type { Platform } from "./platform.ts";
import type { Template } from "./revision.ts";
import { containerSecurity, podSecurity } from "./security.ts";

export function comparisonJobName(server: ModelServer, serving: string, candidate: string): string {
  return `${server.metadata.name}-compare-${shortHash([serving, candidate, server.spec.rollout.comparison])}`;
}

/**
 * Asks the new version and the one that serves about the same pictures, model by model, and fails where too many are
 * judged otherwise. It speaks to the new version's own Service, before any traffic does.
 */
export function comparisonJob(
  server: ModelServer,
  versions: { serving: string; candidate: string; template: Template },
  platform: Platform,
): Manifest | undefined {
  const { comparison } = server.spec.rollout;
  if (!comparison) return undefined;
  const labels = labelsOf(server, "comparison");
  const address = (revision: string, model: string) =>
    `${revisionName(server, revision)}.${server.metadata.namespace}.svc.${platform.clusterDomain}:${ports.grpc}/${model}`;
  const containers = versions.template.models.map(({ name }, index) => ({
    name: `compare-${index + 1}`,
    image: versions.template.briareusImage,
    securityContext: containerSecurity,
    terminationMessagePolicy: "FallbackToLogsOnError",
    args: [
      ...["model", "compare", address(versions.serving, name), address(versions.candidate, name)],
      ...[`--generated=${comparison.generated}`, `--max-changed=${comparison.maxChanged}`],
      ...(comparison.policy ? ["--policy=/policy/policy.yaml"] : []),
    ],
    ...(comparison.policy && { volumeMounts: [{ name: "policy", mountPath: "/policy", readOnly: true }] }),
    resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { memory: "2Gi" } },
  }));
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadataOf(server, comparisonJobName(server, versions.serving, versions.candidate), labels),
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 3_600,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          securityContext: podSecurity,
          ...(comparison.policy && { volumes: [{ name: "policy", configMap: { name: comparison.policy } }] }),
          containers,
        },
      },
    },
  };
}
