import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../src/serving/cluster/kube-object.ts";
import { readCounters } from "../../../src/serving/controller/canary-counters.ts";
import { differs } from "../../../src/serving/controller/differs.ts";
import { podTrouble } from "../../../src/serving/controller/pod-troubles.ts";

describe("an object differs from its manifest", () => {
  const wanted = { spec: { replicas: 2, containers: [{ name: "triton", args: ["--a", "--b"] }] } };
  test("not by what others add to it", () => {
    const live = {
      status: {},
      spec: {
        replicas: 2,
        strategy: {},
        containers: [{ name: "mesh" }, { name: "triton", args: ["--a", "--b"], image: "x" }],
      },
    };
    expect(differs(wanted, live)).toBe(false);
  });
  test.each([
    ["a changed value", { spec: { replicas: 3, containers: wanted.spec.containers } }],
    ["a missing container", { spec: { replicas: 2, containers: [{ name: "mesh" }] } }],
    ["another order of arguments", { spec: { replicas: 2, containers: [{ name: "triton", args: ["--b", "--a"] }] } }],
    ["one argument more", { spec: { replicas: 2, containers: [{ name: "triton", args: ["--a", "--b", "--c"] }] } }],
    ["nothing at all", {}],
  ])("by %s", (_, live) => expect(differs(wanted, live)).toBe(true));
});

describe("what is wrong with a pod", () => {
  const pod = (status: object): KubeObject => ({
    metadata: { ...names, labels: {}, annotations: {}, ownerReferences: [] },
    status,
  });
  const names = { name: "p", namespace: "n", uid: "u", resourceVersion: "1" };

  test("is that no node has its GPU", () => {
    const conditions = [
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message: "0/2 nodes are available: 2 no. preemption: no.",
      },
    ];
    expect(podTrouble(pod({ conditions }), "nvidia-t4")?.message).toBe(
      "No node can take the server: 0/2 nodes are available: 2 no. Add a node pool with nvidia-t4, wait for it, or change gpu.",
    );
  });
  test("is what the fetching container said last, in its words", () => {
    const terminated = { exitCode: 1, message: "fetching\nbriareus: gs://models/a/1 holds no manifest.json\n" };
    const initContainerStatuses = [
      { name: "fetch", state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated } },
    ];
    expect(podTrouble(pod({ initContainerStatuses }), undefined)).toEqual({
      reason: "ModelNotFetched",
      message: "gs://models/a/1 holds no manifest.json",
    });
  });
  test("is what Triton calls an error, and not the end of the trace that it prints after it", () => {
    const message =
      "I1123 loading\nerror: creating server: failed to load 'a'\n\nAt:\n  model.py(31): initialize\n\n;\n";
    const containerStatuses = [{ name: "triton", state: { terminated: { exitCode: 1, message } } }];
    expect(podTrouble(pod({ containerStatuses }), undefined)).toEqual({
      reason: "ServerFails",
      message: "The server ends: creating server: failed to load 'a'",
    });
  });
  test("is an image that cannot be pulled", () => {
    const containerStatuses = [
      { name: "triton", image: "triton:9", state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } },
    ];
    expect(podTrouble(pod({ containerStatuses }), undefined)?.reason).toBe("ImageNotPulled");
  });
  test("is nothing where it runs or only starts", () => {
    expect(podTrouble(pod({ phase: "Pending" }), undefined)).toBeUndefined();
    expect(
      podTrouble(pod({ containerStatuses: [{ name: "triton", ready: true, state: { running: {} } }] }), undefined),
    ).toBeUndefined();
  });
});

test("Triton's counters are added up over models and versions", () => {
  const text = `# HELP nv_inference_request_success Number of successful requests
nv_inference_request_success{model="a",version="1"} 10
nv_inference_request_success{model="b",version="1"} 5
nv_inference_request_failure{model="a",version="1",reason="OTHER"} 2
nv_inference_request_duration_us{model="a",version="1"} 3000.000000
nv_inference_request_duration_us{model="b",version="1"} 1000.000000
`;
  expect(readCounters(text)).toEqual({ requests: 17, failures: 2, microseconds: 4_000 });
});
