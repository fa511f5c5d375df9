/** Batches, queue time, requests and GPUs of ModelServers, out of what their Tritons count. */
import { describe, expect, test } from "vitest";
import { KubeObject } from "../../../src/serving/cluster/kube-object.ts";
import { figuresOf } from "../../../src/serving/figures/figures.ts";
import { gpusOf } from "../../../src/serving/figures/gpus-of.ts";
import { readTritonCounters, type TritonCounters } from "../../../src/serving/figures/triton-counters.ts";
import type { Manifest } from "../../../src/serving/render/manifest.ts";
import { render } from "../../../src/serving/render/render.ts";
import { wantedRevision } from "../../../src/serving/render/revision.ts";
import { exampleServer, platform } from "./model-servers.ts";

const counted = (given: Partial<TritonCounters>): TritonCounters => ({
  ...{ requests: 0, succeeded: 0, inferences: 0, executions: 0, queuedUs: 0 },
  ...given,
});
const at = (atMs: number, counters: Partial<TritonCounters>) => ({ atMs, counters: counted(counters) });

test("Triton's metrics are read with their labels added up, and none that only begins like one", () => {
  const text = `# TYPE nv_inference_count counter
nv_inference_request_success{model="a",version="1"} 10
nv_inference_request_failure{model="a",version="1",reason="OTHER"} 2
nv_inference_count{model="a",version="1"} 40
nv_inference_count{model="b",version="2"} 2
nv_inference_exec_count{model="a",version="1"} 8
nv_inference_queue_duration_us{model="a",version="1"} 1.5e+04
nv_inference_queue_duration_us_other{model="a",version="1"} 7
`;
  expect(readTritonCounters(text)).toEqual({
    ...{ requests: 12, succeeded: 10, inferences: 42, executions: 8, queuedUs: 15_000 },
  });
});

describe("figures", () => {
  test("are of the time between two looks, and of all servers together", () => {
    const busy = {
      before: at(0, { requests: 1_000, succeeded: 990, inferences: 9_000, executions: 500, queuedUs: 1_000_000 }),
      after: at(2_000, { requests: 1_100, succeeded: 1_090, inferences: 9_800, executions: 600, queuedUs: 1_300_000 }),
    };
    const calm = {
      before: at(500, {}),
      after: at(3_000, { requests: 50, succeeded: 50, inferences: 400, executions: 50, queuedUs: 0 }),
    };
    expect(figuresOf([busy, calm])).toEqual({ requestsPerSecond: 70, meanBatch: 8, meanQueueMs: 2 });
  });

  test("of a server that was started anew are what it counted since", () => {
    const restarted = {
      before: at(0, { requests: 9_000, succeeded: 9_000, inferences: 9_000, executions: 9_000, queuedUs: 9e9 }),
      after: at(1_000, { requests: 30, succeeded: 30, inferences: 30, executions: 10, queuedUs: 60_000 }),
    };
    expect(figuresOf([restarted])).toEqual({ requestsPerSecond: 30, meanBatch: 3, meanQueueMs: 2 });
  });

  test("of nothing but failures have a rate, and no batch and no queue time", () => {
    const failing = { before: at(0, {}), after: at(1_000, { requests: 5 }) };
    expect(figuresOf([failing])).toEqual({ requestsPerSecond: 5, meanBatch: null, meanQueueMs: null });
  });

  test("of idle servers are no requests, and no batch and no queue time", () => {
    const idle = { before: at(0, { requests: 7, succeeded: 7 }), after: at(2_000, { requests: 7, succeeded: 7 }) };
    expect(figuresOf([idle])).toEqual({ requestsPerSecond: 0, meanBatch: null, meanQueueMs: null });
  });
});

describe("the GPUs of a ModelServer", () => {
  test("are those that its pods were rendered with, once they are on a node", () => {
    const [pod] = podsOf("high-risk", {});
    expect(gpusOf([onNode(pod), onNode(pod)])).toEqual({ inUse: 2, spare: 0 });
    expect(gpusOf([KubeObject.parse(pod), onNode(pod, "Succeeded"), onNode(pod, "Failed")])).toEqual({
      inUse: 0,
      spare: 0,
    });
  });

  test("are shares where it shares them, and spare where a placeholder holds them", () => {
    const [server, placeholder] = podsOf("high-risk", { gpuSharing: { clients: 4 }, spareGpus: 1 });
    expect(gpusOf([server, server, placeholder].map((pod) => onNode(pod)))).toEqual({ inUse: 0.5, spare: 0.25 });
  });

  test("are none on a CPU", () => {
    const [pod] = podsOf("several-on-cpu", {});
    expect(gpusOf([onNode(pod)])).toEqual({ inUse: 0, spare: 0 });
  });
});

type Pod = ReturnType<typeof podOf>;

/** Pods as the rendered Deployments of servers and placeholders make them. */
function podsOf(example: string, changes: object): [Pod, Pod] {
  const server = exampleServer(example, changes);
  const { revision, template } = wantedRevision(server, platform);
  const plan = { revisions: [{ revision, template, replicas: 1, weight: 100 }], gateways: 2 };
  const deployments = render(server, plan, platform).filter(({ kind }) => kind === "Deployment");
  const named = (name: string) => podOf(deployments.find(({ metadata }) => metadata.name.endsWith(name)));
  return [named(revision), named("placeholder")];
}

function podOf(deployment: Manifest | undefined) {
  const { template } = (deployment?.spec ?? {}) as { template?: { metadata: object; spec: object } };
  return { metadata: { name: "pod", uid: "1", resourceVersion: "1", ...template?.metadata }, spec: template?.spec };
}

const onNode = (pod: Pod, phase = "Running") =>
  KubeObject.parse({ ...pod, spec: { ...pod.spec, nodeName: "a" }, status: { phase } });
