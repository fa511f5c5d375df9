/**
 * The controller of ModelServers. Every one of several has the informers running; the leader alone looks at ModelServers
 * and writes.
 */
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import type { Logger } from "../../telemetry/logger.ts";
import {
  servingLeader,
  servingQueueDepth,
  servingReconcileSeconds,
  servingReconcilesTotal,
} from "../../telemetry/metrics.ts";
import { createElection, type ElectionOptions } from "../cluster/election.ts";
import { createInformer, type Informer } from "../cluster/informer.ts";
import type { Kind } from "../cluster/kinds.ts";
import { clientUntil, type KubeClient } from "../cluster/kube-client.ts";
import { isKubeError } from "../cluster/kube-error.ts";
import { keyOf } from "../cluster/kube-object.ts";
import { createWorkQueue } from "../cluster/work-queue.ts";
import { managedBy } from "../render/names.ts";
import type { Platform } from "../render/platform.ts";
import type { ServerQuestions } from "./ask-servers.ts";
import { countersOf } from "./canary-counters.ts";
import { serverKeyOf } from "./children.ts";
import { createRecentWrites } from "./recent-writes.ts";
import { reconcile } from "./reconcile.ts";
import { servedModels } from "./served-models.ts";

export interface ServingControllerOptions {
  client: KubeClient;
  platform: Platform;
  /** Only of this namespace; all of them unless said. */
  namespace?: string;
  lease: Pick<ElectionOptions, "namespace" | "name" | "identity" | "timing">;
  log: Logger;
  resyncMs?: number;
  concurrency?: number;
  now?: () => number;
}

const ownKinds: readonly Kind[] = [
  ...(["ControllerRevision", "Deployment", "Job", "Service", "ConfigMap", "PodDisruptionBudget"] as const),
  ...(["HorizontalPodAutoscaler", "Pod"] as const),
];
const questions: ServerQuestions = { counters: countersOf, models: servedModels };
/** A look that takes longer hangs. */
const hangMs = 600_000;

export function createServingController(options: ServingControllerOptions): Lifecycle {
  const { client, platform, namespace, lease, log } = options;
  const { resyncMs = 600_000, concurrency = 8, now = Date.now } = options;
  const selector = Object.entries(managedBy)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const { scaledObjects, serviceMonitors } = platform.has;
  const optionalKinds: Kind[] = [
    ...(scaledObjects ? ["ScaledObject" as const] : []),
    ...(serviceMonitors ? ["ServiceMonitor" as const] : []),
  ];
  const informers = new Map<Kind, Informer>();
  const common = { client, log, ...(namespace && { namespace }) };
  const servers = createInformer({ ...common, kind: "ModelServer", onChange: (object) => look(keyOf(object)) });
  for (const kind of [...ownKinds, ...optionalKinds])
    informers.set(
      kind,
      createInformer({
        ...common,
        ...{ kind, labelSelector: selector, indexBy: serverKeyOf },
        onChange: (object) => {
          const owner = serverKeyOf(object);
          if (owner) look(owner);
        },
      }),
    );

  const recent = createRecentWrites(now);
  const underWay = new Map<string, number>();
  const queue = createWorkQueue({
    concurrency,
    work: async (key) => {
      const object = servers.get(key);
      const term = election.term();
      if (!object || !term) return undefined;
      underWay.set(key, now());
      const seconds = servingReconcileSeconds.startTimer();
      try {
        const againInMs = await reconcile(object, {
          ...{ client: clientUntil(client, term), platform, informers, questions, now, recent },
        });
        servingReconcilesTotal.inc({ outcome: "done" });
        return againInMs;
      } finally {
        seconds();
        underWay.delete(key);
      }
    },
    onFailure: (key, error, failures, retryInMs) => {
      servingReconcilesTotal.inc({ outcome: "failed" });
      // Somebody was quicker: common, and mended by the next look.
      const level = isKubeError(error, "conflict") ? "debug" : "warn";
      log[level](
        { modelServer: key, err: error, failures, retryInMs: Math.round(retryInMs) },
        "not done, trying again",
      );
    },
  });
  const election = createElection({
    ...lease,
    ...{ client, log, now },
    onLeading: () => {
      servingLeader.set(1);
      for (const server of servers.list()) queue.add(keyOf(server));
    },
    onLost: (error) => {
      servingLeader.set(0);
      log.warn({ err: error }, "leads no more; writes nothing until it leads again");
    },
  });
  const look = (key: string) => {
    if (election.term()) queue.add(key);
    servingQueueDepth.set(queue.depth());
  };
  let resync: NodeJS.Timeout | undefined;
  let listed = false;

  return {
    start: async () => {
      servingLeader.set(0);
      // Spread out: what nobody told us of is found without a burst.
      resync ??= setInterval(() => {
        for (const server of servers.list()) queue.add(keyOf(server), 1 + Math.random() * (resyncMs / 2));
      }, resyncMs);
      await Promise.all([servers.start(), ...[...informers.values()].map((informer) => informer.start())]);
      listed = true;
      election.start();
    },
    stop: async () => {
      clearInterval(resync);
      // What is under way is finished while we still lead.
      await queue.stop();
      await election.stop();
      await Promise.all([servers.stop(), ...[...informers.values()].map((informer) => informer.stop())]);
    },
    health: async () => {
      const hanging = [...underWay].filter(([, sinceMs]) => now() - sinceMs > hangMs).map(([key]) => key);
      // Without the resource's definition or the rights it never has: pods that are not ready say so.
      if (!listed) return { live: true, ready: false, detail: "the API server has not told what there is" };
      const words = election.term() ? "leads" : "waits for the lease";
      const detail = hanging.length > 0 ? `hangs at ${hanging.join(", ")}` : `${words}, ${queue.depth()} to look at`;
      return { live: hanging.length === 0, ready: true, detail };
    },
  };
}
