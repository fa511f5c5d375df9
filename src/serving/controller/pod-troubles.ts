/** Why a pod does not come up, in words for whoever wrote the ModelServer. */
import { z } from "zod";
import type { KubeObject } from "../cluster/kube-object.ts";
import type { Trouble } from "../rollout/observation.ts";

const Ended = z.looseObject({
  exitCode: z.number().default(0),
  reason: z.string().default(""),
  message: z.string().default(""),
});
const State = z.looseObject({
  waiting: z.looseObject({ reason: z.string().default(""), message: z.string().default("") }).optional(),
  terminated: Ended.optional(),
});
const Container = z.looseObject({
  name: z.string(),
  image: z.string().default(""),
  ready: z.boolean().default(false),
  state: State.prefault({}),
  lastState: State.prefault({}),
});
const PodStatus = z
  .looseObject({
    phase: z.string().default(""),
    podIP: z.string().optional(),
    conditions: z
      .array(
        z.looseObject({
          type: z.string(),
          status: z.string(),
          reason: z.string().default(""),
          message: z.string().default(""),
        }),
      )
      .default([]),
    initContainerStatuses: z.array(Container).default([]),
    containerStatuses: z.array(Container).default([]),
  })
  .prefault({});

export const podStatus = (pod: KubeObject) => PodStatus.parse(pod.status ?? {});

/** @param gpu the type that was asked for */
export function podTrouble(pod: KubeObject, gpu: string | undefined): Trouble | undefined {
  const { conditions, initContainerStatuses, containerStatuses } = podStatus(pod);
  const unscheduled = conditions.find(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable");
  if (unscheduled) {
    const advice = gpu ? `Add a node pool with ${gpu}, wait for it, or change gpu` : "Add nodes, or ask for less";
    // The scheduler goes on with what preemption would do.
    const why = unscheduled.message.split(/\.\s/)[0];
    return { reason: "NoNode", message: `No node can take the server: ${why}. ${advice}.` };
  }
  const fetching = initContainerStatuses.map((container) => said(container)).find(Boolean);
  if (fetching) return { reason: "ModelNotFetched", message: fetching };
  for (const container of [...initContainerStatuses, ...containerStatuses]) {
    const { waiting } = container.state;
    if (waiting && /Image/.test(waiting.reason))
      return { reason: "ImageNotPulled", message: `The image ${container.image} cannot be had: ${waiting.message}` };
  }
  const serving = containerStatuses.map((container) => said(container)).find(Boolean);
  return serving ? { reason: "ServerFails", message: `The server ends: ${serving}` } : undefined;
}

/** The last words of the containers of a Job's pods. */
export function lastWords(pods: readonly KubeObject[]): string | undefined {
  const words = pods.flatMap((pod) => {
    const { initContainerStatuses, containerStatuses } = podStatus(pod);
    return [...initContainerStatuses, ...containerStatuses].map((each) => said(each));
  });
  return words.findLast((each) => each !== undefined);
}

/**
 * What a container said before it failed: the last line that says of itself that it is an error, for Triton prints a trace after
 * it, else the last one with a word in it.
 */
function said({ name, state, lastState }: z.infer<typeof Container>): string | undefined {
  const ended = state.terminated ?? lastState.terminated;
  if (!ended || ended.exitCode === 0) return undefined;
  const lines = ended.message.split("\n").map((each) => each.trim());
  const last = lines.findLast((each) => /^(error|briareus): /.test(each)) ?? lines.findLast((each) => /\w/.test(each));
  const line = last?.replace(/^(error|briareus): /, "").slice(0, 600);
  return line ?? `${name} ended with exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ""}`;
}
