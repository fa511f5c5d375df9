/** Releases of the chart in a namespace of a test's own, and the processes behind them where no container runs. */
import { freePort } from "../../src/local/free-port.ts";
import { startCommand } from "../command.ts";
import { chart, type Deployment, type KubernetesObject, type Values, valueArguments } from "./chart.ts";
import type { Cluster } from "./cluster.ts";

export interface Releases {
  /** Fixed pools, for no process runs that could tell KEDA anything; Postgres' volume is of a class of the test's own. */
  fixed(): Values;
  /** Waits until all is ready. */
  helm(act: "install" | "upgrade", release: string, values: Values): Promise<string>;
  install(release: string, values: Values): Promise<void>;
  /** A cluster without a provisioner has no volumes but those that somebody makes. */
  makeVolume(release: string): Promise<void>;
  objects<T extends KubernetesObject>(kind: string, ...parameters: string[]): Promise<T[]>;
  /**
   * The chart's autoscaler as a process beside a control plane that runs no containers, behind the chart's Service.
   * A cluster that runs them, with BRIAREUS_TEST_IMAGE for their image, needs none.
   */
  runAutoscaler(release: string, redisUrl: string): Promise<{ kill(): Promise<unknown> }>;
  /** The chart's serving controller as a process, started as its pods start it, with their account. */
  runServingController(release: string): Promise<{ ready(): Promise<string>; leads(): Promise<boolean> }>;
}

/** @param cleanUps what is to be done at the end of the test, in reverse order */
export function releasesIn(cluster: Cluster, namespace: string, cleanUps: (() => Promise<unknown>)[]): Releases {
  const helm: Releases["helm"] = (act, release, values) =>
    cluster.helm(act, release, chart, "-n", namespace, "--wait", "--timeout", "120s", ...valueArguments(values));
  const makeVolume = async (release: string) => {
    const name = `${namespace}-${release}`;
    const volume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: {
        storageClassName: namespace,
        capacity: { storage: "8Gi" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        hostPath: { path: `/tmp/${name}` },
      },
    };
    await cluster.kubectl(["create", "--filename", "-"], JSON.stringify(volume));
    cleanUps.push(() => cluster.kubectl(["delete", "persistentvolume", name, "--wait=false"]));
  };
  /** How the pods of a Deployment start it. */
  const startOf = async (name: string) => {
    const { serviceAccountName = "", containers } = (await objects<Deployment>("deployments")).find(isCalled(name))
      ?.spec.template.spec ?? { containers: [] };
    const env = Object.fromEntries((containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    return { account: serviceAccountName, args: containers[0]?.args ?? [], env };
  };
  const objects: Releases["objects"] = async <T extends KubernetesObject>(kind: string, ...parameters: string[]) =>
    (await cluster.get<{ items: T[] }>(kind, "--namespace", namespace, ...parameters)).items;
  return {
    fixed: () => ({
      "scaling.driver": "none",
      "postgres.storageClass": namespace,
      ...(process.env.BRIAREUS_TEST_IMAGE && { "image.repository": process.env.BRIAREUS_TEST_IMAGE }),
    }),
    helm,
    makeVolume,
    objects,
    async install(release, values) {
      await makeVolume(release);
      await helm("install", release, values);
    },
    async runAutoscaler(release, redisUrl) {
      const [port, { args, env }] = [await freePort(), await startOf(`${release}-autoscaler`)];
      const own = { REDIS_URL: redisUrl, BRIAREUS_SCALER_PORT: String(port), BRIAREUS_METRICS_PORT: "0" };
      const { child, result } = startCommand(args, { ...env, ...own });
      cleanUps.push(async () => {
        child.kill("SIGTERM");
        await result;
      });
      const backend = `kube-local/backend=grpc=127.0.0.1:${port}`;
      const service = ["service", `${release}-autoscaler`, "--namespace", namespace];
      await cluster.kubectl(["annotate", "--overwrite", ...service, backend]);
      return {
        kill() {
          child.kill("SIGKILL");
          return result;
        },
      };
    },
    async runServingController(release) {
      const [port, { account, args, env }] = [await freePort(), await startOf(`${release}-serving-controller`)];
      const own = { KUBECONFIG: await cluster.kubeconfigOf(namespace, account), BRIAREUS_METRICS_PORT: String(port) };
      const { child, result } = startCommand(args, { ...env, ...own });
      cleanUps.push(async () => {
        child.kill("SIGTERM");
        await result;
      });
      const ask = async (path: string) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
        return { status: answer?.status, text: (await answer?.text()) ?? "" };
      };
      return {
        async ready() {
          const { status, text } = await ask("/readyz");
          return `${status} ${text}`;
        },
        leads: async () => /^briareus_serving_leader(\{\S*\})? 1$/m.test((await ask("/metrics")).text),
      };
    },
  };
}

export const isCalled =
  (name: string) =>
  ({ metadata }: KubernetesObject) =>
    metadata.name === name;
