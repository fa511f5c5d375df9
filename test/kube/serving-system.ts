/** ModelServers on the cluster, the controller's account, and controllers as processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { freePort } from "../../src/local/free-port.ts";
import { type ApiProxy, startApiProxy } from "./api-proxy.ts";
import { applyDefinition, deploymentsOf, render } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import { ModelServers, type ServerObject } from "./model-servers.ts";

export interface Controller {
  process: ChildProcess;
  /** The value of a metric, its labels summed up. */
  metric(name: string): Promise<number>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** What the chart gives to the controller, with nothing else of it. */
const alone = { "pipeline.enabled": false };
const account = "briareus-serving-controller";

export class ServingSystem extends ModelServers {
  readonly proxy: ApiProxy;
  readonly #kubeconfig: string;
  readonly #arguments: readonly string[];
  readonly #controllers: Controller[] = [];
  readonly #cleanups: string[][] = [];

  private constructor(
    cluster: Cluster,
    namespace: string,
    proxy: ApiProxy,
    kubeconfig: string,
    parameters: readonly string[],
  ) {
    super(cluster, namespace);
    this.proxy = proxy;
    this.#kubeconfig = kubeconfig;
    this.#arguments = parameters;
  }

  /** @param nodes "played": adds one with GPUs, whose pods become ready by the cluster's fake kubelet; "own": there are some */
  static async open(cluster: Cluster, nodes: "played" | "own" = "played"): Promise<ServingSystem> {
    await applyDefinition(cluster);
    const namespace = await cluster.namespace("serving");
    const rendered = await render(cluster, alone, { release: "briareus", namespace });
    const items = rendered.filter(({ kind }) => ["ServiceAccount", "Role", "RoleBinding"].includes(kind));
    const list = { apiVersion: "v1", kind: "List", items };
    await cluster.kubectl(["apply", "--filename", "-"], JSON.stringify(list));
    const file = await cluster.kubeconfigOf(namespace, account);
    const kubeconfig = JSON.parse(await readFile(file, "utf8"));
    const proxy = await startApiProxy(kubeconfig.clusters[0].cluster);
    kubeconfig.clusters[0].cluster = { server: proxy.url, "insecure-skip-tls-verify": true };
    await writeFile(file, JSON.stringify(kubeconfig));
    const [deployment] = deploymentsOf(rendered);
    const parameters = deployment?.spec.template.spec.containers[0]?.args ?? [];
    const system = new ServingSystem(cluster, namespace, proxy, file, parameters);
    if (nodes === "played") await system.#addNode("nvidia-tesla-t4");
    return system;
  }

  /** Runs the controller as the chart does, with the account that it gives it. */
  async controller(...options: string[]): Promise<Controller> {
    const port = await freePort();
    const child = spawn(process.execPath, ["src/cli/main.ts", ...this.#arguments, ...options], {
      env: {
        ...{ PATH: process.env.PATH, KUBECONFIG: this.#kubeconfig, METADATA_SERVER_DETECTION: "none" },
        ...{ BRIAREUS_METRICS_PORT: String(port), BRIAREUS_LOG_LEVEL: process.env.SERVING_LOG ?? "error" },
      },
      stdio: ["ignore", "inherit", "pipe"],
    });
    createInterface(child.stderr).on("line", (line) => {
      if (process.env.SERVING_LOG || !line.startsWith("{")) process.stderr.write(`${line}\n`);
    });
    const ended = once(child, "exit");
    const controller: Controller = {
      process: child,
      metric: async (name) => {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
        return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
      },
      stop: async (signal = "SIGTERM") => {
        child.kill(signal);
        await ended;
      },
    };
    this.#controllers.push(controller);
    return controller;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#controllers.map((each) => (each.process.exitCode === null ? each.stop("SIGKILL") : undefined)),
    );
    // Nobody drains any more.
    const { items } = await this.get<{ items: ServerObject[] }>("modelservers");
    for (const { metadata } of items)
      await this.kubectl([
        "patch",
        "modelserver",
        metadata.name,
        "--type=merge",
        "--patch",
        '{"metadata":{"finalizers":[]}}',
      ]);
    await this.proxy.close();
    for (const [kind = "", name = ""] of this.#cleanups)
      await this.cluster.kubectl(["delete", kind, name, "--ignore-not-found"]);
  }

  /** A node with GPUs, as kwok plays it. */
  async #addNode(accelerator: string): Promise<void> {
    const name = `gpu-${this.namespace}`;
    const capacity = { cpu: "256", memory: "1Ti", pods: "1000", "nvidia.com/gpu": "64" };
    const node = {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        annotations: { "kwok.x-k8s.io/node": "fake" },
        labels: { type: "kwok", "kubernetes.io/hostname": name, "cloud.google.com/gke-accelerator": accelerator },
      },
      status: { capacity, allocatable: capacity },
    };
    await this.cluster.kubectl(["apply", "--filename", "-"], JSON.stringify(node));
    this.#cleanups.push(["node", name]);
  }
}
