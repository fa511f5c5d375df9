import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { parse, stringify } from "yaml";
import type { ModelServerStatus } from "../../src/serving/resource/model-server-status.ts";
import type { Cluster } from "./cluster.ts";

export interface ServerObject {
  metadata: { name: string; uid: string; generation: number; deletionTimestamp?: string };
  spec: { replicas: { wanted: number } };
  status?: ModelServerStatus;
}

/** The ModelServers of a namespace, as a person has them by kubectl. */
export class ModelServers {
  readonly cluster: Cluster;
  readonly namespace: string;

  constructor(cluster: Cluster, namespace: string) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  /** Applies an example under this name, with other parts of the spec. */
  async apply(example: string, name: string, changes: object = {}): Promise<void> {
    const { spec, ...rest } = parse(await readFile(`deploy/examples/${example}.yaml`, "utf8"));
    const object = { ...rest, metadata: { name }, spec: { ...spec, ...changes } };
    await this.kubectl(["apply", "--filename", "-"], stringify(object));
  }

  kubectl(parameters: readonly string[], input?: string): Promise<string> {
    return this.cluster.kubectl([...parameters, "--namespace", this.namespace], input);
  }

  get<T>(...parameters: string[]): Promise<T> {
    return this.cluster.get<T>(...parameters, "--namespace", this.namespace);
  }

  server(name: string): Promise<ServerObject> {
    return this.get("modelserver", name);
  }

  /** "STATUS REASON: MESSAGE" of a condition. */
  async condition(name: string, type: string): Promise<string> {
    const found = (await this.server(name)).status?.conditions.find((each) => each.type === type);
    return found ? `${found.status} ${found.reason}: ${found.message}` : "none";
  }

  async untilReady(name: string): Promise<ServerObject> {
    await expect.poll(() => this.condition(name, "Ready"), { timeout: 90_000 }).toMatch(/^True/);
    return await this.server(name);
  }

  /** Events of a ModelServer: "REASON: MESSAGE". */
  async events(name: string): Promise<string[]> {
    const selector = `involvedObject.kind=ModelServer,involvedObject.name=${name}`;
    const { items } = await this.get<{ items: { reason: string; message: string }[] }>(
      "events",
      "--field-selector",
      selector,
    );
    return items.map(({ reason, message }) => `${reason}: ${message}`);
  }
}
