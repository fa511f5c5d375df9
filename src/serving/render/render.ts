import type { ModelServer } from "../resource/model-server.ts";
import { autoscaler } from "./autoscaler.ts";
import { comparisonJob } from "./comparison-job.ts";
import { conversionJob } from "./conversion-job.ts";
import { disruptionBudget } from "./disruption-budget.ts";
import { needsConversion } from "./engine.ts";
import { gatewayConfig, gatewayDeployment, gatewayName } from "./gateway.ts";
import type { Manifest } from "./manifest.ts";
import { placeholders } from "./placeholders.ts";
import type { Platform } from "./platform.ts";
import { revisionRecord, type Template } from "./revision.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { gatewayService, headlessService } from "./services.ts";
import { tritonDeployment } from "./triton-deployment.ts";

/** One version of the server, as it shall be now. */
export interface RevisionPlan {
  revision: string;
  template: Template;
  /** Servers; absent: none are to be started yet, or no more. */
  replicas?: number;
  /** Percent of the traffic. */
  weight: number;
}

export interface Plan {
  revisions: readonly RevisionPlan[];
  /** The new version is compared with the one that serves. */
  comparison?: { serving: string; candidate: string };
  /** Envoys; none end the traffic. */
  gateways: number;
}

/**
 * Everything that a ModelServer is made of, in the order in which it is applied: what is remembered and what has a name
 * before what uses it. Pure: the same wishes give the same manifests.
 */
export function render(server: ModelServer, plan: Plan, platform: Platform): Manifest[] {
  const { name } = server.metadata;
  const { min } = server.spec.replicas;
  const running = plan.revisions.filter(({ replicas }) => replicas !== undefined);
  const newest = plan.revisions.at(-1);
  const config = gatewayConfig(server, running, platform);
  const compared = plan.revisions.find(({ revision }) => revision === plan.comparison?.candidate);
  const scaler = autoscaler(server, platform);
  return [
    ...plan.revisions.map(({ revision, template }) => revisionRecord(server, revision, template)),
    ...jobsOf(server, plan),
    ...running.flatMap(({ revision, template, replicas = 0 }) => [
      headlessService(server, revision),
      tritonDeployment(server, revision, template, replicas),
    ]),
    config,
    gatewayService(server),
    gatewayDeployment(server, config, plan.gateways, platform),
    disruptionBudget(server, "server", name, min),
    disruptionBudget(server, "gateway", gatewayName(server), plan.gateways),
    ...(scaler ? [scaler] : []),
    ...(platform.has.serviceMonitors ? [serviceMonitor(server)] : []),
    ...(newest && server.spec.spareGpus > 0 ? [placeholders(server, newest.template, platform)] : []),
    ...(compared && plan.comparison
      ? [comparisonJob(server, { ...plan.comparison, template: compared.template }, platform)].filter(
          (job) => job !== undefined,
        )
      : []),
  ];
}

/** Each engine once, whichever versions need it. */
function jobsOf(server: ModelServer, { revisions }: Plan): Manifest[] {
  const jobs = revisions.flatMap(({ template }) =>
    template.models.filter(needsConversion).map((model) => conversionJob(server, model, template)),
  );
  return [...new Map(jobs.map((job) => [job.metadata.name, job])).values()];
}
