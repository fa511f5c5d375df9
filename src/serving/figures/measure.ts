/** How ModelServers fare just now, by what their own Tritons count; asked for through the API server. */
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { z } from "zod";
import { pathOf } from "../cluster/kinds.ts";
import type { KubeClient } from "../cluster/kube-client.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { KubeObject, keyOf } from "../cluster/kube-object.ts";
import { podStatus } from "../controller/pod-troubles.ts";
import { ports } from "../render/manifest.ts";
import { managedBy, partLabel, revisionLabel, serverLabel } from "../render/names.ts";
import type { ModelServer } from "../resource/model-server.ts";
import { type Figures, figuresOf, type Sample } from "./figures.ts";
import { type GpusInUse, gpusOf } from "./gpus-of.ts";
import { readTritonCounters } from "./triton-counters.ts";

export interface Measurement {
  /** null: not known. */
  gpus: GpusInUse | null;
  /** Of the servers of the version that serves; null: not known, or there are none. */
  figures: Figures | null;
  /** Why something is not known, in a sentence. */
  missing: string | null;
}

export interface MeasureOptions {
  client: KubeClient;
  /** Absent: of all of them. */
  namespace: string | undefined;
  /** Between the two looks at each server. */
  overMs: number;
}

const askedAtATime = 16;
const answerLimitMs = 3_000;
/** Of a look at all servers: many that hang must not hold up the rest for minutes. */
const lookLimitMs = 15_000;

/** Looks at every server that is ready, twice. @returns what is known of each ModelServer; never fails */
export async function measure(
  servers: readonly ModelServer[],
  { client, namespace, overMs }: MeasureOptions,
): Promise<(server: ModelServer) => Measurement> {
  let pods: readonly KubeObject[];
  try {
    pods = await managedPods(client, namespace);
  } catch (error) {
    const missing = whyNot(error, "pods", namespace);
    return () => ({ gpus: null, figures: null, missing });
  }
  const asked = new Map(servers.map((server) => [keyOf(server), servingPods(server, pods)]));
  const all = [...asked.values()].flat();
  const before = await look(client, all);
  const answering = all.filter((pod) => typeof before.get(pod) === "object");
  if (answering.length > 0) await sleep(overMs);
  const after = await look(client, answering);
  return (server) => {
    const { namespace, name } = server.metadata;
    const own = pods.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels[serverLabel] === name,
    );
    const looks = (asked.get(keyOf(server)) ?? []).map((pod) => bothOf(before.get(pod), after.get(pod)));
    const known = looks.filter((each) => typeof each === "object");
    const silent = [...new Set(looks.filter((each) => typeof each === "string"))];
    const figures = known.length > 0 && silent.length === 0 ? figuresOf(known) : null;
    const more =
      silent.length > 2 ? `; nor do ${silent.length - 1} others` : silent.length > 1 ? "; nor does another" : "";
    return { gpus: gpusOf(own), figures, missing: silent[0] === undefined ? null : `${silent[0]}${more}` };
  };
}

async function managedPods(client: KubeClient, namespace: string | undefined): Promise<KubeObject[]> {
  const labelSelector = Object.entries(managedBy)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const answer = await client.ask("GET", pathOf("Pod", namespace), { query: { labelSelector } });
  return z.object({ items: z.array(KubeObject) }).parse(answer).items;
}

/** Those that answer requests, of the version that serves. */
function servingPods({ metadata, status }: ModelServer, pods: readonly KubeObject[]): KubeObject[] {
  const wanted = { [serverLabel]: metadata.name, [partLabel]: "server", [revisionLabel]: status.serving?.revision };
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      pod.metadata.deletionTimestamp === undefined &&
      Object.entries(wanted).every(([label, value]) => pod.metadata.labels[label] === value) &&
      podStatus(pod).conditions.some(({ type, status }) => type === "Ready" && status === "True"),
  );
}

/** What each pod has counted, or why that is not known. */
async function look(client: KubeClient, pods: readonly KubeObject[]): Promise<Map<KubeObject, Sample | string>> {
  const limit = pLimit(askedAtATime);
  const whole = AbortSignal.timeout(lookLimitMs);
  const one = async (pod: KubeObject): Promise<Sample | string> => {
    const { namespace, name } = pod.metadata;
    const signal = AbortSignal.any([whole, AbortSignal.timeout(answerLimitMs)]);
    try {
      const text = await client.text(`${pathOf("Pod", namespace, `${name}:${ports.metrics}`)}/proxy/metrics`, signal);
      return { atMs: performance.now(), counters: readTritonCounters(text) };
    } catch (error) {
      if (whole.aborted) return `${name} was not asked: others took too long`;
      if (signal.aborted) return `${name} does not answer within ${answerLimitMs / 1_000} s`;
      return whyNot(error, "pods/proxy", namespace, name);
    }
  };
  return new Map(await Promise.all(pods.map((pod) => limit(async () => [pod, await one(pod)] as const))));
}

function bothOf(before: Sample | string | undefined, after: Sample | string | undefined) {
  if (typeof before === "object" && typeof after === "object") return { before, after };
  return typeof before === "string" ? before : typeof after === "string" ? after : "it was not asked";
}

/** @param pod absent: the API server's own answer */
function whyNot(error: unknown, resource: string, namespace: string | undefined, pod?: string): string {
  const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  const verb = pod === undefined ? "list" : "get";
  const said = error instanceof KubeError ? (error.said ?? error.message) : String(error);
  const why = said.trim().split("\n")[0]?.slice(0, 300) ?? "";
  if (/ is forbidden: /.test(why)) return `you may not ${verb} ${resource} ${where}`;
  return pod === undefined ? `the cluster does not list its pods: ${why}` : `${pod} does not answer: ${why}`;
}
