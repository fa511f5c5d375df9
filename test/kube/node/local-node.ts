/**
 * A node of a cluster whose pods really run, as processes of this machine: as much of a kubelet as pods of ours need. Each
 * pod has an address of its own on the loopback interface, and a name server knows the Services. It needs root.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { pathOf } from "../../../src/serving/cluster/kinds.ts";
import type { KubeClient } from "../../../src/serving/cluster/kube-client.ts";
import { isKubeError } from "../../../src/serving/cluster/kube-error.ts";
import { serverLabel } from "../../../src/serving/render/names.ts";
import { type NameServer, startNameServer } from "./name-server.ts";
import { Pod } from "./pod.ts";
import { PodRun } from "./pod-run.ts";
import { addressesOf, Service } from "./service-names.ts";

export interface LocalNodeOptions {
  /** May do everything. */
  client: KubeClient;
  name: string;
  labels?: Record<string, string>;
  gpus?: number;
  /** For every container. */
  env?: Record<string, string>;
  /** Path of a kubeconfig with the rights of an account, for pods that have a token of it. */
  kubeconfigOf?: (namespace: string, account: string) => Promise<string>;
  /** What containers print. */
  say?: (line: string) => void;
}

const ConfigMap = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).default({}),
});

const lookEveryMs = 300;
const renewEveryMs = 10_000;
const run = promisify(execFile);

export class LocalNode {
  readonly #options: LocalNodeOptions;
  readonly #folder: string;
  readonly #subnet = `10.${200 + Math.floor(Math.random() * 50)}.${1 + Math.floor(Math.random() * 250)}`;
  readonly #pods = new Map<string, PodRun>();
  readonly #ending = new Map<string, Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #names: NameServer;
  #stopped = false;
  #addresses = 0;
  #looking: Promise<void> = Promise.resolve();

  private constructor(options: LocalNodeOptions, names: NameServer) {
    this.#options = options;
    this.#names = names;
    this.#folder = mkdtempSync(join(tmpdir(), "briareus-node-"));
  }

  static async start(options: LocalNodeOptions): Promise<LocalNode> {
    const node = new LocalNode(options, await startNameServer());
    await node.#register();
    let busy = false;
    node.#timers.push(
      setInterval(() => {
        if (busy) return;
        busy = true;
        node.#looking = node.#look().finally(() => {
          busy = false;
        });
      }, lookEveryMs),
      setInterval(() => void node.#renew(), renewEveryMs),
    );
    return node;
  }

  /** A file in the place of /etc/resolv.conf, by which Services are found as in a pod of this namespace. */
  resolver(namespace: string): string {
    const file = join(this.#folder, `resolv-${namespace}.conf`);
    writeFileSync(file, this.#names.resolverFor(namespace));
    return file;
  }

  /** Of one ready pod of a Service. @throws RangeError where there is none */
  addressOf(service: string, namespace: string): string {
    const [address] = this.#names.addresses(`${service}.${namespace}.svc.cluster.local`);
    if (address === undefined) throw new RangeError(`no pod of ${namespace}/${service} is ready`);
    return address;
  }

  /** Names of the pods of a ModelServer whose processes have not ended. */
  running(server: string): string[] {
    const pods = [...this.#pods.values()].map(({ pod }) => pod.metadata);
    return pods.filter(({ labels }) => labels[serverLabel] === server).map(({ name }) => name);
  }

  /** Ends its pods' processes at once, as a machine that is switched off; their objects stay. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#looking;
    await Promise.all([...this.#pods.keys()].map((uid) => this.#end(uid, true)));
    this.#names.close();
    await this.#options.client.ask("DELETE", `/api/v1/nodes/${this.#options.name}`).catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #register(): Promise<void> {
    const { client, name, labels, gpus } = this.#options;
    const capacity = { cpu: "64", memory: "256Gi", pods: "110", ...(gpus && { "nvidia.com/gpu": String(gpus) }) };
    const metadata = { name, labels: { "kubernetes.io/hostname": name, ...labels } };
    await client.ask("POST", "/api/v1/nodes", { body: { apiVersion: "v1", kind: "Node", metadata } });
    const ready = { type: "Ready", status: "True", reason: "Ready", message: "pods run as processes" };
    const heard = { lastHeartbeatTime: new Date().toISOString(), lastTransitionTime: new Date().toISOString() };
    await client.ask("PATCH", `/api/v1/nodes/${name}/status`, {
      body: { status: { capacity, allocatable: capacity, conditions: [{ ...ready, ...heard }] } },
      contentType: "application/merge-patch+json",
    });
    await this.#renew();
  }

  /** Or the cluster takes the node for dead, and its pods with it. */
  async #renew(): Promise<void> {
    const { client, name } = this.#options;
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } };
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime() };
    await client
      .ask("PATCH", pathOf("Lease", "kube-node-lease", name), {
        query: { fieldManager: "local-node", force: "true" },
        body: { ...lease, spec },
        contentType: "application/apply-patch+yaml",
      })
      .catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { client, name } = this.#options;
    const items = z.object({ items: z.array(z.unknown()) });
    const [pods, services] = await Promise.all([
      client.ask("GET", pathOf("Pod"), { query: { fieldSelector: `spec.nodeName=${name}` } }),
      client.ask("GET", pathOf("Service")),
    ]).catch(() => []);
    if (!pods || !services) return; // The API server is away: what runs goes on.
    const found = items.parse(pods).items.map((each) => Pod.parse(each));
    for (const pod of found) {
      const { uid, deletionTimestamp } = pod.metadata;
      if (deletionTimestamp) void this.#delete(pod);
      else if (!this.#pods.has(uid)) this.#pods.set(uid, await this.#begin(pod));
    }
    const there = new Set(found.map(({ metadata }) => metadata.uid));
    for (const uid of this.#pods.keys()) if (!there.has(uid)) void this.#end(uid);
    const known = items.parse(services).items.map((each) => Service.parse(each));
    this.#names.set(addressesOf(known, [...this.#pods.values()]));
  }

  async #begin(pod: Pod): Promise<PodRun> {
    const { client, kubeconfigOf, say = () => undefined } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const { serviceAccountName: account, automountServiceAccountToken: hasToken } = pod.spec;
    const env = { ...this.#options.env };
    if (kubeconfigOf && hasToken && account !== "default") env.KUBECONFIG = await kubeconfigOf(namespace, account);
    this.#addresses += 1;
    const address = `${this.#subnet}.${this.#addresses}`;
    await run("ip", ["address", "replace", `${address}/32`, "dev", "lo"]);
    let reporting: Promise<unknown> = Promise.resolve();
    let latest: object | undefined;
    // One after the other, so that the last one is the last one written; an API server that is away is waited for.
    const write = async (status: object) => {
      while (status === latest) {
        const path = `${pathOf("Pod", namespace, name)}/status`;
        const body = { metadata: { uid }, status };
        const written = client.ask("PATCH", path, { body, contentType: "application/merge-patch+json" });
        const failure: unknown = await written.then(
          () => undefined,
          (error: unknown) => error,
        );
        if (!isKubeError(failure, "unavailable") || this.#stopped) return;
        await sleep(lookEveryMs);
      }
    };
    return new PodRun(pod, {
      ...{ address, folder: join(this.#folder, uid), resolver: this.resolver(namespace), env, say },
      configMap: async (configMap) => {
        const found = await client.ask("GET", pathOf("ConfigMap", namespace, configMap));
        const { metadata, data } = ConfigMap.parse(found);
        return { version: metadata.resourceVersion, data };
      },
      report: (status) => {
        latest = status;
        reporting = reporting.then(() => write(status));
      },
    });
  }

  async #delete(pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    if (this.#ending.has(uid)) return;
    await this.#end(uid);
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await this.#options.client.ask("DELETE", pathOf("Pod", namespace, name), { body }).catch(() => undefined);
  }

  #end(uid: string, atOnce = false): Promise<void> {
    const running = this.#pods.get(uid);
    if (!running) return Promise.resolve();
    const ending = this.#ending.get(uid) ?? this.#endProcesses(uid, running, atOnce);
    this.#ending.set(uid, ending);
    return ending;
  }

  async #endProcesses(uid: string, running: PodRun, atOnce: boolean): Promise<void> {
    await running.end(atOnce);
    this.#pods.delete(uid);
    await run("ip", ["address", "del", `${running.address}/32`, "dev", "lo"]);
  }
}

/** As Leases have it. */
const microTime = () => new Date().toISOString().replace("Z", "000Z");
