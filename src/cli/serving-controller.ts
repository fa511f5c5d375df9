import { hostname } from "node:os";
import { KubeConfig } from "@kubernetes/client-node";
import { Command } from "commander";
import { discover } from "../serving/cluster/discover.ts";
import { createKubeClient } from "../serving/cluster/kube-client.ts";
import { KubeError } from "../serving/cluster/kube-error.ts";
import { createServingController } from "../serving/controller/serving-controller.ts";
import { defaultPlatform } from "../serving/render/platform.ts";
import { createContext } from "./context.ts";
import { CommandError } from "./exit.ts";
import { wholeNumber } from "./parse-options.ts";
import { runUntilSignal } from "./run-until-signal.ts";

interface ControllerOptions {
  namespace?: string;
  leaseNamespace: string;
  tritonImage: string;
  briareusImage: string;
  conversionImage: string;
  envoyImage: string;
  pauseImage: string;
  placeholderClass: string;
  clusterDomain: string;
  prometheus?: string;
  queueMetric?: string;
  resync: number;
}

export const servingControllerCommand = new Command("serving-controller")
  .description("Make inference servers of ModelServers, in the Kubernetes cluster that KUBECONFIG or the pod names")
  .option("--namespace <name>", "look after this namespace only (default: all)")
  .option("--lease-namespace <name>", "where the controllers settle which of them leads", "briareus")
  .option("--triton-image <image>", "Triton", defaultPlatform.tritonImage)
  .option("--briareus-image <image>", "Briareus, which fetches and compares models", defaultPlatform.briareusImage)
  .option("--conversion-image <image>", "deploy/model-conversion's image", defaultPlatform.conversionImage)
  .option("--envoy-image <image>", "Envoy 1.40 or newer, with a bash in it", defaultPlatform.envoyImage)
  .option("--pause-image <image>", "what placeholder pods run", defaultPlatform.pauseImage)
  .option("--placeholder-class <name>", "PriorityClass of placeholder pods", defaultPlatform.placeholderClass)
  .option("--cluster-domain <domain>", "at the end of Services' names", defaultPlatform.clusterDomain)
  .option("--prometheus <url>", "a Prometheus that scrapes the servers: KEDA scales by it")
  .option("--queue-metric <name>", "without KEDA: the external metric by which servers are scaled; see docs/serving.md")
  .option(
    "--resync <seconds>",
    "look at every ModelServer so often, though nothing changed",
    wholeNumber(1, 86_400),
    600,
  )
  .addHelpText(
    "after",
    `
Example:
  briareus serving-controller --prometheus http://prometheus.monitoring:9090

The Helm chart runs it with the rights that it needs; deploy/crds/modelservers.yaml must be applied before. Several may run: one
leads, another takes over when it ends.`,
  )
  .action(async (options: ControllerOptions) => {
    const { settings, log } = createContext("serving-controller");
    const { namespace, leaseNamespace, prometheus, resync, ...images } = options;
    const config = new KubeConfig();
    config.loadFromDefault();
    const client = createKubeClient(config);
    const has = await discover(client).catch((error: unknown) => {
      throw error instanceof KubeError ? new CommandError(`the cluster does not answer: ${error.message}`) : error;
    });
    const part = createServingController({
      client,
      platform: { ...images, has, ...(prometheus && { prometheusUrl: prometheus }) },
      ...(namespace && { namespace }),
      lease: {
        ...{ namespace: leaseNamespace, name: "briareus-serving-controller" },
        identity: `${hostname()}-${process.pid}-${Date.now().toString(36)}`,
      },
      log,
      resyncMs: resync * 1_000,
    });
    await runUntilSignal("serving-controller", part, settings);
  });
