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
      const [port, found] = [await freePort(), await objects<Deployment>("deployments")];
      const deployment = found.find(isCalled(`${release}-autoscaler`));
      const container = deployment?.spec.template.spec.containers[0];
      const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
      const own = { REDIS_URL: redisUrl, BRIAREUS_SCALER_PORT: String(port), BRIAREUS_METRICS_PORT: "0" };
      const { child, result } = startCommand(container?.args ?? [], { ...env, ...own });
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
  };
}

export const isCalled =
  (name: string) =>
  ({ metadata }: KubernetesObject) =>
    metadata.name === name;
