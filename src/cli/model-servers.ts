import { Command } from "commander";
import { z } from "zod";
import { pathOf } from "../serving/cluster/kinds.ts";
import { ModelServer } from "../serving/resource/model-server.ts";
import { inWordsOfCluster, openCluster } from "./cluster.ts";
import { CommandError } from "./exit.ts";
import { modelServerTable, summaryOf } from "./model-server-table.ts";

interface ServersOptions {
  namespace?: string;
  allNamespaces?: true;
  json?: true;
}

export const modelServersCommand = new Command("servers")
  .description("List the ModelServers of a Kubernetes cluster, and how they fare")
  .option("--namespace <name>", "namespace (default: that of the kubeconfig's context)")
  .option("-A, --all-namespaces", "of all namespaces")
  .option("--json", "print JSON")
  .addHelpText("after", "\nExample:\n  briareus model servers --all-namespaces")
  .action(async ({ namespace: wanted, allNamespaces, json }: ServersOptions) => {
    const cluster = openCluster(wanted);
    const namespace = allNamespaces ? undefined : cluster.namespace;
    const found = await cluster.client.ask("GET", pathOf("ModelServer", namespace)).catch((error: unknown) => {
      throw inWordsOfCluster(error, cluster);
    });
    const list = z.object({ items: z.array(ModelServer) }).safeParse(found);
    if (!list.success)
      throw new CommandError(
        "the cluster's ModelServers are of another release: use its briareus, or kubectl get msrv",
      );
    const summaries = list.data.items.map(summaryOf);
    if (json) console.log(JSON.stringify(summaries, null, 2));
    else console.log(modelServerTable(summaries, namespace));
  });
