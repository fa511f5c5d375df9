/** `briareus model servers` on a real API server: figures come through its proxy from where pods say that they are. */
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ports } from "../../src/serving/render/manifest.ts";
import { type CommandResult, runCommand } from "../command.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { ServingSystem } from "./serving-system.ts";

const run = promisify(execFile);
let cluster: Cluster;
let system: ServingSystem;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await openCluster();
  system = await ServingSystem.open(cluster);
  await system.controller();
});
afterAll(async () => {
  for (const cleanUp of cleanups) await cleanUp();
  await system?.close();
  await cluster?.close();
});

const servers = (parameters: readonly string[] = [], env: Record<string, string> = {}): Promise<CommandResult> =>
  runCommand(["model", "servers", "--namespace", system.namespace, "--over", "200ms", ...parameters], {
    ...{ HOME: process.env.HOME, KUBECONFIG: process.env.KUBECONFIG, ...env },
  });

/** Pods of the servers of a ModelServer. */
async function podsOf(name: string): Promise<string[]> {
  const selector = `briareus.dev/model-server=${name},app.kubernetes.io/component=server`;
  const { items } = await system.get<{ items: { metadata: { name: string } }[] }>("pods", "--selector", selector);
  return items.map(({ metadata }) => metadata.name);
}

/** Gives a pod an address of this machine: the API server's proxy goes to no loopback address. */
async function placed(pod: string): Promise<string> {
  const address = `10.${randomInt(200, 240)}.${randomInt(256)}.${randomInt(1, 255)}`;
  await run("ip", ["address", "add", `${address}/32`, "dev", "lo"]);
  cleanups.push(() => run("ip", ["address", "del", `${address}/32`, "dev", "lo"]));
  const patch = JSON.stringify({ status: { podIP: address, podIPs: [{ ip: address }] } });
  await system.kubectl(["patch", "pod", pod, "--subresource=status", "--type=merge", "--patch", patch]);
  return address;
}

/** A Triton that goes on counting: at each look as many requests, batches and so on as the one before. */
async function counting(address: string): Promise<{ looks: number }> {
  const seen = { looks: 0 };
  const server = createServer(({ url }, response) => {
    if (url !== "/metrics") return response.writeHead(404).end();
    seen.looks += 1;
    const line = (metric: string, step: number) =>
      `nv_inference_${metric}{model="high-risk",version="1"} ${1_000_000 + seen.looks * step}\n`;
    const counts = line("request_success", 100) + line("count", 800) + line("exec_count", 100);
    return response.end(counts + line("queue_duration_us", 150_000));
  });
  await once(server.listen(ports.metrics, address), "listening");
  cleanups.push(() => server.close());
  return seen;
}

function podOfVersion(name: string, revision: string): object {
  const labels = {
    ...{ "app.kubernetes.io/managed-by": "briareus-serving", "app.kubernetes.io/component": "server" },
    ...{ "briareus.dev/model-server": name, "briareus.dev/revision": revision },
  };
  const triton = { name: "triton", image: "triton", resources: { limits: { "nvidia.com/gpu": "1" } } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${name}-${revision}`, labels, namespace: system.namespace },
    spec: { containers: [triton] },
  };
}

test("batches, queue time, requests and GPUs of now stand in the table and in JSON", async () => {
  await system.apply("high-risk", "busy", { replicas: { min: 2, max: 2 }, spareGpus: 1 });
  await system.untilReady("busy");
  await expect.poll(async () => (await system.server("busy")).status?.readyReplicas).toBe(2);
  const looks = [];
  for (const pod of await podsOf("busy")) looks.push(await counting(await placed(pod)));
  // Of a version on its way: it takes a GPU, and its requests are not those of the version that serves.
  await system.kubectl(["create", "--filename", "-"], JSON.stringify(podOfVersion("busy", "0000000a")));
  await expect.poll(async () => (await servers()).output).toMatch(/3 \+ 1 spare/);
  const { code, output } = await servers();
  expect(code).toBe(0);
  expect(output).toMatch(/^NAME +READY +SERVERS +GPU +GPUS +BATCH +QUEUE +REQUESTS +VERSION/);
  expect(output).toMatch(/^busy +yes +2 of 2 +nvidia-t4 +3 \+ 1 spare +8 +1\.5 ms +\d+\/s +\w{8} /m);
  const before = looks.map((each) => each.looks);
  const [entry] = JSON.parse((await servers(["--json"])).output);
  expect(entry.measured).toEqual({
    gpus: { inUse: 3, spare: 1 },
    figures: { requestsPerSecond: expect.any(Number), meanBatch: 8, meanQueueMs: 1.5 },
    missing: null,
  });
  expect(entry.measured.figures.requestsPerSecond).toBeGreaterThan(0);
  expect(looks.map((each, index) => each.looks - (before[index] ?? 0))).toEqual([2, 2]);
});

test("a server that does not answer leaves dashes and a sentence, and no other without its figures", async () => {
  await system.apply("high-risk", "silent", { replicas: { min: 1, max: 1 } });
  await system.untilReady("silent");
  const [pod = ""] = await podsOf("silent");
  await placed(pod);
  const { code, output } = await servers();
  expect(code).toBe(0);
  expect(output).toMatch(/^silent +yes +1 of 1 +nvidia-t4 +1 +– +– +– +\w{8} /m);
  expect(output).toMatch(new RegExp(`^no figures of silent: ${pod} does not answer: .*connection refused`, "m"));
  expect(output).toMatch(/^busy .* 8 +1\.5 ms /m);
});

test("whoever may not ask the servers gets the list all the same, and is told which right is missing", async () => {
  const may = async (account: string, ...resources: string[]) => {
    await system.kubectl(["create", "serviceaccount", account]);
    for (const resource of resources) {
      const role = `${account}-${resource.replace(/[./]/g, "-")}`;
      await system.kubectl(["create", "role", role, "--verb=get,list", "--resource", resource]);
      const subject = `--serviceaccount=${system.namespace}:${account}`;
      await system.kubectl(["create", "rolebinding", role, "--role", role, subject]);
    }
    return { KUBECONFIG: await cluster.kubeconfigOf(system.namespace, account) };
  };
  const here = `in namespace ${system.namespace}`;
  const listing = await servers([], await may("listing", "modelservers.briareus.dev", "pods"));
  expect(listing.code).toBe(0);
  expect(listing.output).toMatch(/^busy +yes +2 of 2 +nvidia-t4 +3 \+ 1 spare +– +– +– +\w{8} /m);
  expect(listing.output).toContain(`no figures of busy, silent: you may not get pods/proxy ${here}`);
  const reading = await servers([], await may("reading", "modelservers.briareus.dev"));
  expect(reading.code).toBe(0);
  expect(reading.output).toMatch(/^busy +yes +2 of 2 +nvidia-t4 +– +– +– +– +\w{8} /m);
  expect(reading.output).toContain(`no figures of busy, silent: you may not list pods ${here}`);
  const asking = await servers([], await may("asking", "modelservers.briareus.dev", "pods", "pods/proxy"));
  expect(asking.output).toMatch(/^busy .* 8 +1\.5 ms /m);
});

test("servers that hang are waited for 3 s and no longer", async () => {
  await system.apply("high-risk", "hanging", { replicas: { min: 2, max: 2 } });
  await system.untilReady("hanging");
  await expect.poll(async () => (await system.server("hanging")).status?.readyReplicas).toBe(2);
  for (const pod of await podsOf("hanging")) {
    const server = createServer(() => undefined).listen(ports.metrics, await placed(pod));
    await once(server, "listening");
    cleanups.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
  }
  const { code, output } = await servers();
  expect(code).toBe(0);
  expect(output).toMatch(/^no figures of hanging: hanging-\S+ does not answer within 3 s; nor does another$/m);
});

test("without figures no server is asked, and the list has no room for them", async () => {
  const { code, output } = await servers(["--no-figures"]);
  expect(code).toBe(0);
  expect(output).toMatch(/^NAME +READY +SERVERS +GPU +VERSION/);
  expect(output).not.toContain("no figures of");
});
