/**
 * One leader among several controllers, by a Lease:
 *
 *     following ──the lease is free, or its holder was silent for its duration──► leading ──stop──► given back
 *                                                                                 └──not renewed in time──► lost
 *
 * Who lost it must do nothing any more: the process ends. Times of other machines are never compared with our own; a holder
 * is silent when its lease has not changed for as long as we looked on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Logger } from "../../telemetry/logger.ts";
import { pathOf } from "./kinds.ts";
import type { KubeClient } from "./kube-client.ts";
import { isKubeError } from "./kube-error.ts";

export interface Election {
  /** Resolves when this process leads; rejects when stopped before. */
  lead(): Promise<void>;
  /** Gives the lease back, so that another leads at once. */
  stop(): Promise<void>;
  leading(): boolean;
}

export interface ElectionOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  /** Of this process, never of another. */
  identity: string;
  /** It was not renewed in time. */
  onLost: (error: unknown) => void;
  log: Logger;
  timing?: { leaseMs: number; renewMs: number; giveUpMs: number };
  now?: () => number;
}

const Lease = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z.looseObject({
    holderIdentity: z.string().optional(),
    leaseDurationSeconds: z.number().optional(),
    leaseTransitions: z.number().optional(),
    acquireTime: z.string().optional(),
  }),
});
type Lease = z.infer<typeof Lease>;

export function createElection(options: ElectionOptions): Election {
  const { client, namespace, name, identity, onLost, log, now = Date.now } = options;
  const { leaseMs, renewMs, giveUpMs } = options.timing ?? { leaseMs: 15_000, renewMs: 3_000, giveUpMs: 10_000 };
  const path = pathOf("Lease", namespace, name);
  const stopping = new AbortController();
  let seen: { version: string; atMs: number } | undefined;
  let renewing: Promise<void> | undefined;
  let leads = false;

  const read = async (): Promise<Lease | undefined> =>
    await client.ask("GET", path).then(
      (lease) => Lease.parse(lease),
      (error: unknown) => {
        if (isKubeError(error, "missing")) return undefined;
        throw error;
      },
    );

  const write = async (current: Lease | undefined, holder: string) => {
    const time = new Date(now()).toISOString().replace("Z", "000Z");
    const before = current?.spec;
    const mine = before?.holderIdentity === holder;
    const spec = {
      holderIdentity: holder,
      leaseDurationSeconds: leaseMs / 1_000,
      acquireTime: mine ? before?.acquireTime : time,
      renewTime: time,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (mine ? 0 : 1),
    };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", spec };
    const written = current
      ? await client.ask("PUT", path, {
          body: { ...body, metadata: { name, namespace, resourceVersion: current.metadata.resourceVersion } },
        })
      : await client.ask("POST", pathOf("Lease", namespace), { body: { ...body, metadata: { name, namespace } } });
    return Lease.parse(written);
  };

  /** @returns whether the lease is ours now */
  const tryOnce = async (): Promise<boolean> => {
    const lease = await read();
    const holder = lease?.spec.holderIdentity;
    if (lease && holder && holder !== identity) {
      if (seen?.version !== lease.metadata.resourceVersion)
        seen = { version: lease.metadata.resourceVersion, atMs: now() };
      if (now() - seen.atMs < (lease.spec.leaseDurationSeconds ?? leaseMs / 1_000) * 1_000) return false;
    }
    await write(lease, identity);
    return true;
  };

  const wait = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  const renew = async () => {
    for (let renewedAtMs = now(); ; ) {
      await wait(renewMs);
      if (stopping.signal.aborted) return;
      try {
        const lease = await read();
        if (lease?.spec.holderIdentity !== identity) throw new Error(`${lease?.spec.holderIdentity} leads now`);
        await write(lease, identity);
        renewedAtMs = now();
      } catch (error) {
        log.warn({ err: error }, "the lease was not renewed");
        const taken = !isKubeError(error, "unavailable", "conflict", "missing");
        if (!taken && now() - renewedAtMs < giveUpMs) continue;
        leads = false;
        return onLost(error);
      }
    }
  };

  return {
    lead: async () => {
      for (;;) {
        stopping.signal.throwIfAborted();
        const ours = await tryOnce().catch((error: unknown) => {
          if (!isKubeError(error, "conflict", "exists")) log.warn({ err: error }, "the lease cannot be had");
          return false;
        });
        if (ours) break;
        await wait(renewMs);
      }
      leads = true;
      log.info({ identity }, "leading");
      renewing = renew();
    },
    stop: async () => {
      stopping.abort();
      await renewing;
      if (!leads) return;
      leads = false;
      // Whoever waits takes it at once.
      const lease = await read().catch(() => undefined);
      if (lease?.spec.holderIdentity === identity) await write(lease, "").catch(() => undefined);
    },
    leading: () => leads,
  };
}
