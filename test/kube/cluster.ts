/** The cluster that tests install into: any with KEDA that KUBECONFIG names, with kubectl, helm and kubeconform on PATH. */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MissingProgram, runProgram } from "./program.ts";

export interface Cluster {
  /** Standard output of `kubectl ARGUMENTS`. @throws Error with what it printed */
  kubectl(parameters: readonly string[], input?: string): Promise<string>;
  /** What `kubectl get ARGUMENTS --output json` says. */
  get<T>(...parameters: string[]): Promise<T>;
  helm(...parameters: string[]): Promise<string>;
  /** Makes a namespace of the test's own, whose name begins with this; it is deleted when the cluster is closed. */
  namespace(prefix: string): Promise<string>;
  /** Path of a kubeconfig whose holder may do what the service account may, and no more. */
  kubeconfigOf(namespace: string, serviceAccount: string): Promise<string>;
  /** Deletes the namespaces, and the kubeconfigs of service accounts. */
  close(): Promise<void>;
}

/** @throws Error that says in one sentence what is missing: a program, the cluster, KEDA in it */
export async function openCluster(): Promise<Cluster> {
  await requireCluster();
  return connectTo(process.env.KUBECONFIG ?? "");
}

/** @param kubeconfig path of one whose holder may do everything */
export function connectTo(kubeconfig: string): Cluster {
  const folder = mkdtempSync(join(tmpdir(), "briareus-kube-"));
  const namespaces: string[] = [];
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const kubectl: Cluster["kubectl"] = (parameters, input) => runProgram("kubectl", parameters, input, env);
  const get = async <T>(...parameters: string[]): Promise<T> =>
    JSON.parse(await kubectl(["get", ...parameters, "--output", "json"]));
  return {
    kubectl,
    get,
    helm: (...parameters) => runProgram("helm", parameters, "", env),
    async namespace(prefix) {
      const name = `${prefix}-${randomBytes(4).toString("hex")}`;
      await kubectl(["create", "namespace", name]);
      namespaces.push(name);
      return name;
    },
    async kubeconfigOf(namespace, serviceAccount) {
      const file = join(folder, `${namespace}.${serviceAccount}.json`);
      const token = await kubectl(["create", "token", serviceAccount, "--namespace", namespace, "--duration", "1h"]);
      await writeFile(file, JSON.stringify(withToken(token.trim(), await kubectl(currentView))), { mode: 0o600 });
      return file;
    },
    async close() {
      // Their objects go on being deleted after the test: a ScaledObject waits for KEDA.
      if (namespaces.length > 0)
        await kubectl(["delete", "namespace", ...namespaces, "--wait=false", "--ignore-not-found"]);
      await rm(folder, { recursive: true });
    },
  };
}

async function requireCluster(): Promise<void> {
  for (const program of ["kubectl", "helm", "kubeconform"])
    await runProgram(program, [program === "kubeconform" ? "-v" : "version"]).catch((error) => {
      // Without a cluster `kubectl version` fails after it has told its own.
      if (error instanceof MissingProgram) throw error;
    });
  if (!process.env.KUBECONFIG)
    throw new Error("KUBECONFIG is not set: it must name a cluster with KEDA that tests may install into");
  const kinds = await runProgram("kubectl", ["api-resources", "--output", "name", "--request-timeout=10s"]).catch(
    (error) => {
      throw new Error("the cluster that KUBECONFIG names does not answer; see kubectl cluster-info", { cause: error });
    },
  );
  if (!kinds.includes("scaledobjects.keda.sh"))
    throw new Error("the cluster that KUBECONFIG names has no KEDA: kubectl apply its release, or name another");
}

const currentView = ["config", "view", "--minify", "--raw", "--output", "json"];

/** The kubeconfig in use, with this token in the place of its user's credentials. */
function withToken(token: string, view: string): object {
  const { clusters } = JSON.parse(view) as { clusters: { name: string }[] };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters,
    users: [{ name: "account", user: { token } }],
    contexts: [{ name: "account", context: { cluster: clusters[0]?.name, user: "account" } }],
    "current-context": "account",
  };
}
