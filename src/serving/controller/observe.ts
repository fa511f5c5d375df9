import { z } from "zod";
import type { KubeObject } from "../cluster/kube-object.ts";
import { comparisonJobName } from "../render/comparison-job.ts";
import { conversionJobName } from "../render/conversion-job.ts";
import { needsConversion } from "../render/engine.ts";
import { gatewayName } from "../render/gateway.ts";
import { revisionName } from "../render/names.ts";
import type { Template } from "../render/revision.ts";
import type { ModelServer } from "../resource/model-server.ts";
import type { JobState, Observation, RevisionState } from "../rollout/observation.ts";
import type { Children } from "./children.ts";
import { lastWords, podTrouble } from "./pod-troubles.ts";

const Deployment = z.looseObject({
  spec: z.looseObject({ replicas: z.number().default(1) }),
  status: z.looseObject({ replicas: z.number().default(0), readyReplicas: z.number().default(0) }).prefault({}),
});
const Condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().default("Unknown"),
  message: z.string().default(""),
});
const WithConditions = z.looseObject({
  status: z.looseObject({ conditions: z.array(Condition).default([]) }).prefault({}),
});
/** What an autoscaler says of itself while it does its work. */
const scalingConditions: readonly string[] = ["AbleToScale", "ScalingActive", "Ready"];

/** What the caches say of a ModelServer, as the roll-out wants to know it. */
export function observe(
  server: ModelServer,
  children: Children,
  templates: ReadonlyMap<string, Template>,
  known: Pick<Observation, "nowMs" | "wanted" | "counters" | "misfit">,
): Observation {
  const { serving, rollout } = server.status;
  const scalerFails = reasonOfScaler(server, children);
  const compared = serving && rollout && comparisonJobName(server, serving.revision, rollout.revision);
  return {
    ...known,
    revision: (revision) => revisionState(server, children, revision, templates.get(revision)),
    comparison: compared ? jobState(children, compared) : { state: "absent" },
    gatewaysReady: deploymentOf(children, gatewayName(server))?.status.readyReplicas ?? 0,
    ...(scalerFails && { scalerFails }),
  };
}

/** An HPA, or KEDA's ScaledObject: whichever there is. */
function reasonOfScaler({ metadata }: ModelServer, children: Children): string | undefined {
  const found = children.find("HorizontalPodAutoscaler", metadata.name) ?? children.find("ScaledObject", metadata.name);
  return WithConditions.parse(found ?? {}).status.conditions.find(
    ({ type, status }) => scalingConditions.includes(type) && status === "False",
  )?.reason;
}

function revisionState(
  server: ModelServer,
  children: Children,
  revision: string,
  template: Template | undefined,
): RevisionState {
  const converted = template?.models.filter(needsConversion) ?? [];
  const states = template
    ? converted.map((model) => jobState(children, conversionJobName(server, model, template)))
    : [];
  const failed = states.find(({ state }) => state === "failed");
  const done = template !== undefined && states.every(({ state }) => state === "done");
  const deployment = deploymentOf(children, revisionName(server, revision));
  const troubles = children.pods("server", revision).map((pod) => podTrouble(pod, template?.gpu));
  const trouble = troubles.find((each) => each !== undefined);
  return {
    conversion: failed ?? { state: done ? "done" : "running" },
    conversionsNeeded: converted.length,
    models: template?.models.map(({ name, uri, precision }) => `${name} ${uri} ${precision}`) ?? [],
    servers: deployment?.spec.replicas,
    serversThere: deployment?.status.replicas ?? 0,
    serversReady: deployment?.status.readyReplicas ?? 0,
    ...(trouble && { trouble }),
  };
}

function deploymentOf(children: Children, name: string) {
  const found = children.find("Deployment", name);
  return found && Deployment.parse(found);
}

function jobState(children: Children, name: string): JobState {
  const found = children.find("Job", name);
  if (!found) return { state: "absent" };
  const { conditions } = WithConditions.parse(found).status;
  const holds = (type: string) => conditions.find((each) => each.type === type && each.status === "True");
  if (holds("Complete")) return { state: "done" };
  const failure = holds("Failed");
  if (!failure) return { state: "running" };
  const message = lastWords(podsOfJob(children, name)) ?? failure.message;
  return { state: "failed", message: `Job ${name}: ${message}` };
}

function podsOfJob(children: Children, name: string): KubeObject[] {
  return [...children.pods("conversion"), ...children.pods("comparison")].filter(
    ({ metadata }) => metadata.labels["batch.kubernetes.io/job-name"] === name,
  );
}
