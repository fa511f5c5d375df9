/** The Kubernetes cluster of a command at a terminal, and what it says in sentences. */
import type { KubeConfig } from "@kubernetes/client-node";
import { createKubeClient, type KubeClient } from "../serving/cluster/kube-client.ts";
import { KubeError } from "../serving/cluster/kube-error.ts";
import { plain } from "./comparison-table.ts";
import { configuredCluster } from "./diagnose-keda.ts";
import { CommandError } from "./exit.ts";

const noCluster = "no cluster is configured: KUBECONFIG, or ~/.kube/config, names one";

export interface OpenCluster {
  client: KubeClient;
  /** The one asked for, else that of the kubeconfig's context. */
  namespace: string;
  /** Address of the API server. */
  server: string;
}

/** @throws CommandError where the kubeconfig cannot be read or names no cluster */
export function openCluster(namespace: string | undefined, open: () => KubeConfig = configuredCluster): OpenCluster {
  const config = readable(open);
  // What client-node puts in the place of a kubeconfig that is not there.
  if (config.getCurrentContext() === "loaded-context") throw new CommandError(noCluster);
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new CommandError(noCluster);
  const ofContext = config.getContextObject(config.getCurrentContext())?.namespace;
  return { client: createKubeClient(config), namespace: namespace ?? ofContext ?? "default", server };
}

function readable(open: () => KubeConfig): KubeConfig {
  try {
    return open();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the kubeconfig cannot be read: ${why}`);
  }
}

/** What a cluster refused, or that there is none, for a person; any other error as it is. */
export function inWordsOfCluster(error: unknown, { server }: OpenCluster): Error {
  if (!(error instanceof KubeError)) return error instanceof Error ? error : new Error(String(error));
  return new CommandError(sentenceOf(error, server));
}

function sentenceOf({ code, said, message, cause }: KubeError, server: string): string {
  if (said === undefined) {
    const why = causeOf(cause) ?? message;
    return `no cluster answers at ${server}: ${why}; KUBECONFIG, or ~/.kube/config, says where it is`;
  }
  const words = said.trim().split("\n").map(plain).join("\n");
  const namespace = code === "missing" ? /^namespaces "([^"]+)" not found/.exec(words)?.[1] : undefined;
  if (namespace) return `there is no namespace ${namespace}: kubectl create namespace ${namespace}`;
  if (code === "missing")
    return `the cluster at ${server} knows no ModelServers: kubectl apply --server-side --filename deploy/crds/modelservers.yaml`;
  return code === "unavailable" ? `the cluster at ${server} cannot answer now: ${words}` : words;
}

function causeOf(cause: unknown): string | undefined {
  const first = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  // Of several addresses that were tried, an error without words of its own.
  if (first instanceof AggregateError) return first.errors.map(String).at(0);
  return first instanceof Error ? first.message : undefined;
}
