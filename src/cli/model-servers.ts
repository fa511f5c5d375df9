import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { pathOf } from "../serving/cluster/kinds.ts";
import { measure } from "../serving/figures/measure.ts";
import { ModelServer } from "../serving/resource/model-server.ts";
import { inWordsOfCluster, openCluster } from "./cluster.ts";
import { CommandError } from "./exit.ts";
import { modelServerTable, summaryOf } from "./model-server-table.ts";
import { parseDuration } from "./parse-options.ts";

interface ServersOptions {
  namespace?: string;
  allNamespaces?: true;
  figures: boolean;
  over: number;
  json?: true;
}

export const modelServersCommand = new Command("servers")
  .description("List the ModelServers of a Kubernetes cluster, and how they fare")
  .option("--namespace <name>", "namespace (default: that of the kubeconfig's context)")
  .option("-A, --all-namespaces", "of all namespaces")
  .addOption(
    new Option("--over <duration>", "time over which batches, queue time and requests are counted")
      .argParser(parseInterval)
      .default(2_000, "2s"),
  )
  .option("--no-figures", "without batches, queue time, requests and GPUs, and without asking the servers for them")
  .option("--json", "print JSON")
  .addHelpText("after", "\nExample:\n  briareus model servers --all-namespaces --over 10s")
  .action(async ({ namespace: wanted, allNamespaces, figures, over, json }: ServersOptions) => {
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
    const servers = list.data.items;
    const measured = figures ? await measure(servers, { client: cluster.client, namespace, overMs: over }) : undefined;
    const summaries = servers.map((server) => summaryOf(server, measured?.(server)));
    if (json) console.log(JSON.stringify(summaries, null, 2));
    else console.log(modelServerTable(summaries, namespace));
  });

/** @throws InvalidArgumentError */
function parseInterval(text: string): number {
  const intervalMs = parseDuration(text);
  if (intervalMs >= 100 && intervalMs <= 60_000) return intervalMs;
  throw new InvalidArgumentError("must be from 100ms to 60s.");
}
