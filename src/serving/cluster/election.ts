/**
 * One leader among several controllers, by a Lease:
 *
 *     following ──the lease is free, ours, or its holder was silent for its duration──► leading ──stop──► given back
 *         ▲                                                                               │
 *         └──────────────── another has it, or it was not renewed in time ◄───────────────┘
 *
 * Who lost it does nothing any more until it leads again: its term ends before another's may begin, and with it the requests
 * that are under way. Times of other machines are never compared with our own; a holder is silent when its lease has not
 * changed for as long as we looked on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Logger } from "../../telemetry/logger.ts";
import { pathOf } from "./kinds.ts";
import type { KubeClient } from "./kube-client.ts";
import { isKubeError } from "./kube-error.ts";

export interface Election {
  /** Takes part from now on. */
  start(): void;
  /** Gives the lease back, so that another leads at once. */
  stop(): Promise<void>;
  /** While this process leads: aborted when it does no more. */
  term(): AbortSignal | undefined;
}

export interface ElectionOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  /** Of this process, never of another. */
  identity: string;
  onLeading: () => void;
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
  const { client, namespace, name, identity, onLeading, onLost, log, now = Date.now } = options;
  const { leaseMs, renewMs, giveUpMs } = options.timing ?? { leaseMs: 15_000, renewMs: 3_000, giveUpMs: 10_000 };
  const path = pathOf("Lease", namespace, name);
  const stopping = new AbortController();
  let seen: { version: string; atMs: number } | undefined;
  let running: Promise<void> | undefined;
  let term: AbortController | undefined;
  /** Nobody else leads before. */
  let oursUntilMs = 0;

  const read = async (signal: AbortSignal): Promise<Lease | undefined> =>
    await client.ask("GET", path, { signal }).then(
      (lease) => Lease.parse(lease),
      (error: unknown) => {
        if (isKubeError(error, "missing")) return undefined;
        throw error;
      },
    );

  const write = async (current: Lease | undefined, holder: string, signal: AbortSignal) => {
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
    const resourceVersion = current?.metadata.resourceVersion;
    const metadata = { name, namespace, ...(resourceVersion && { resourceVersion }) };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
    const [verb, where] = current ? (["PUT", path] as const) : (["POST", pathOf("Lease", namespace)] as const);
    await client.ask(verb, where, { body, signal });
  };

  /** @returns whether the lease is ours now */
  const tryOnce = async (): Promise<boolean> => {
    // What is answered later is over already.
    const limit = AbortSignal.timeout(giveUpMs);
    const lease = await read(limit);
    const holder = lease?.spec.holderIdentity;
    if (lease && holder && holder !== identity) {
      if (seen?.version !== lease.metadata.resourceVersion)
        seen = { version: lease.metadata.resourceVersion, atMs: now() };
      if (now() - seen.atMs < (lease.spec.leaseDurationSeconds ?? leaseMs / 1_000) * 1_000) return false;
    }
    await write(lease, identity, limit);
    return true;
  };

  const wait = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  /** @returns whether the lease is ours now; false when stopped before */
  const follow = async (): Promise<boolean> => {
    while (!stopping.signal.aborted) {
      const askedAtMs = now();
      const ours = await tryOnce().catch((error: unknown) => {
        if (!isKubeError(error, "conflict", "exists")) log.warn({ err: error }, "the lease cannot be had");
        return false;
      });
      if (ours) {
        oursUntilMs = askedAtMs + giveUpMs;
        return true;
      }
      await wait(renewMs);
    }
    return false;
  };

  /** Until it is lost, or this process stops. @returns why it is lost */
  const renew = async (): Promise<unknown> => {
    for (let failure: unknown; ; ) {
      await wait(Math.max(0, Math.min(renewMs, oursUntilMs - now())));
      if (stopping.signal.aborted) return undefined;
      const askedAtMs = now();
      if (askedAtMs >= oursUntilMs) return new Error("it was not renewed in time", { cause: failure });
      try {
        const limit = AbortSignal.timeout(oursUntilMs - askedAtMs);
        const lease = await read(limit);
        const holder = lease?.spec.holderIdentity;
        if (holder && holder !== identity) return new Error(`${holder} leads now`);
        await write(lease, identity, limit);
        oursUntilMs = askedAtMs + giveUpMs;
      } catch (error) {
        // It may be back in time, and an API server that starts refuses at first what it allows.
        log.warn({ err: error }, "the lease was not renewed");
        failure = error;
      }
    }
  };

  const run = async () => {
    for (;;) {
      if (!(await follow())) return;
      term = new AbortController();
      log.info({ identity }, "leading");
      onLeading();
      const failure = await renew();
      if (stopping.signal.aborted) return;
      term.abort(new Error("another controller may lead"));
      term = undefined;
      onLost(failure);
    }
  };

  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await running;
      if (!term) return;
      term = undefined;
      // Whoever waits takes it at once.
      const limit = AbortSignal.timeout(giveUpMs);
      const lease = await read(limit).catch(() => undefined);
      if (lease?.spec.holderIdentity === identity) await write(lease, "", limit).catch(() => undefined);
    },
    // A process that slept awakes to a term that is over.
    term: () => (now() < oursUntilMs ? term?.signal : undefined),
  };
}
