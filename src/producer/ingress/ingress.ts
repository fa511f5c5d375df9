/**
 * Ingress: from the captures subscription onto the fetch queue. It holds each message until the capture's
 * verdict is durable, so Pub/Sub stays the source of truth: Redis or any process may be lost at any moment.
 */
import { randomUUID } from "node:crypto";
import type { Message, Subscription } from "@google-cloud/pubsub";
import type { Redis } from "ioredis";
import type { Concluded, InFlight } from "../../capture/item.ts";
import { type CaptureStates, captureStates, settlementChannel } from "../../pipeline/capture-states.ts";
import { newBatchId } from "../../pipeline/job.ts";
import type { Health, Lifecycle } from "../../pipeline/lifecycle.ts";
import { readPools, reportHeld } from "../../pipeline/pool-figures.ts";
import { openQueues, type Queues } from "../../pipeline/queues.ts";
import { repeat } from "../../pipeline/repeat.ts";
import { conclude } from "../../pipeline/routes.ts";
import { totalOf } from "../../pipeline/totals.ts";
import { largestBatch, untuned } from "../../pipeline/tuning/tuning.ts";
import { type TuningWatch, watchTuning } from "../../pipeline/tuning/watch-tuning.ts";
import { connectRedis } from "../../redis/connection.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { heldCaptures, resubmittedTotal } from "../../telemetry/metrics.ts";
import { createGatherer } from "./gather.ts";
import { gatheringWindowMs } from "./gathering-window.ts";
import { type Holding, nextAction } from "./holdings.ts";
import { readMessage } from "./read-message.ts";

export interface IngressOptions {
  redisUrl: string;
  subscription: Subscription;
  batchSize: number;
  /** Messages that the subscription's flow control lets it hold. */
  maxHeld: number;
  deadlineMs: number;
  graceMs: number;
  log: Logger;
  ingressId?: string;
  /** The subscription is gone for good (deleted, no permission): nothing will come of this process any more. */
  failed: (error: Error) => void;
}

const checkMs = 2_000;
const windowUpdateMs = 250;
/** Longer than any queueing: a claim that ended early would turn a backlog into work done twice. */
const queueingMs = 600_000;

export function createIngress(options: IngressOptions): Lifecycle {
  const { subscription, log } = options;
  const ingressId = options.ingressId ?? `ingress-${randomUUID().slice(0, 12)}`;
  const holdings = new Map<string, Holding>();
  let links: Links | undefined;
  let windowMs = gatheringWindowMs([]);
  let received = 0;
  let lastCheckAtMs = Date.now();

  const acknowledge = (captureId: string) => {
    for (const message of holdings.get(captureId)?.messages ?? []) message.ack();
    holdings.delete(captureId);
    heldCaptures.set(holdings.size);
  };

  const overdueAtMs = (item: { deadlineAtMs: number }) => Math.max(item.deadlineAtMs, Date.now()) + options.graceMs;

  const submit = async (holding: readonly Holding[], parts: Links, force: boolean) => {
    const mine = await claim(holding, parts.states, force);
    const captures = mine.filter(({ item }) => !isConcluded(item));
    const concluded = mine.filter(({ item }) => isConcluded(item));
    await Promise.all([
      captures.length > 0 && parts.queues.add("fetch", [batchOf(captures)]),
      concluded.length > 0 && parts.queues.add("postprocess", [batchOf(concluded)]),
    ]);
    await parts.states.queued(mine.map(idOf), options.deadlineMs + options.graceMs + queueingMs);
    for (const entry of mine) entry.overdueAtMs = overdueAtMs(entry.item);
  };

  /** Claims what nobody works on and acknowledges what is settled already; the rest is only watched. */
  const claim = async (entries: readonly Holding[], states: CaptureStates, force: boolean): Promise<Holding[]> => {
    const before = await states.claim(entries.map(idOf), ingressId);
    return entries.filter((entry, index) => {
      if (before[index] === "settled") acknowledge(idOf(entry));
      return before[index] === "absent" || (force && before[index] === "in flight");
    });
  };

  const send = (entries: Holding[], force = false) => {
    if (!links) return;
    for (const entry of entries) entry.submitting = true;
    submit(entries, links, force)
      // The periodic check finds what was not queued, and submits it again.
      .catch((error: Error) =>
        log.error({ err: error.message, captures: entries.length }, "batch could not be submitted"),
      )
      .finally(() => {
        for (const entry of entries) entry.submitting = false;
      });
  };

  const batchSize = () => largestBatch(links?.tuning.current() ?? untuned, "fetch") ?? options.batchSize;
  const gatherer = createGatherer<Holding>({ size: batchSize, windowMs: () => windowMs, send });

  const receive = (message: Message) => {
    const { item, kind } = readMessage(message, { ingressId, deadlineMs: options.deadlineMs, nowMs: Date.now() });
    const { captureId } = item.capture;
    if (kind === "invalid") log.warn({ captureId, detail: item.result }, "message is no capture");
    const held = holdings.get(captureId);
    if (held) {
      held.messages.push(message);
      return;
    }
    const holding: Holding = {
      item,
      messages: [message],
      resubmissions: 0,
      submitting: true,
      overdueAtMs: overdueAtMs(item),
    };
    holdings.set(captureId, holding);
    received += 1;
    heldCaptures.set(holdings.size);
    gatherer.add(holding);
  };

  const check = async ({ states }: Links) => {
    const entries = [...holdings.values()].filter((entry) => !entry.submitting);
    const lost: Holding[] = [];
    const overdue: Holding[] = [];
    for (let start = 0; start < entries.length; start += 500) {
      const part = entries.slice(start, start + 500);
      const known = await states.states(part.map(idOf));
      for (const [index, entry] of part.entries()) {
        const action = nextAction(entry, known[index] ?? "in flight", Date.now());
        if (action === "acknowledge") acknowledge(idOf(entry));
        if (action === "wait" || action === "acknowledge") continue;
        entry.resubmissions += 1;
        if (action === "give-up") entry.item = giveUp(entry.item);
        resubmittedTotal.inc({ why: action });
        (action === "resubmit-lost" ? lost : overdue).push(entry);
      }
    }
    lastCheckAtMs = Date.now();
    if (lost.length + overdue.length > 0)
      log.warn({ lost: lost.length, overdue: overdue.length }, "captures submitted again");
    for (const batch of slices(lost, batchSize())) send(batch);
    for (const batch of slices(overdue, batchSize())) send(batch, true);
  };

  const start = async () => {
    const redis = connectRedis(options.redisUrl, { role: "queue", log });
    const subscriber = connectRedis(options.redisUrl, { role: "client", log });
    const tuning = watchTuning(redis, () => undefined, log);
    const queues = openQueues(redis, (stage) => largestBatch(tuning.current(), stage));
    const states = captureStates(redis);
    const parts: Links = { redis, subscriber, tuning, queues, states, stopDuties: () => undefined };
    subscriber.on("message", (_channel, text) => {
      for (const captureId of JSON.parse(text) as string[]) acknowledge(captureId);
    });
    await subscriber.subscribe(settlementChannel(ingressId));
    const duties = [
      repeat(checkMs, () => check(parts), log),
      repeat(
        windowUpdateMs,
        async () => {
          windowMs = gatheringWindowMs(await readPools(redis, Date.now()));
        },
        log,
      ),
      // A subscriber says nothing by itself, so only a PING tells a dead connection from a quiet one.
      repeat(checkMs, async () => void (await subscriber.ping()), log),
    ];
    const { maxHeld, batchSize } = options;
    const stopReport = reportHeld(
      redis,
      ingressId,
      () => ({ held: holdings.size, maxHeld, batchSize, atMs: Date.now() }),
      () => ({ [totalOf.received]: received }),
    );
    parts.stopDuties = () => {
      for (const stop of [...duties, stopReport, tuning.stop]) void stop();
    };
    links = parts;
    subscription.on("message", receive);
    subscription.on("error", (error: Error) => {
      log.error({ err: error.message }, "the captures subscription failed");
      options.failed(error);
    });
    log.info({ ingressId, subscription: subscription.name }, "ingress ready");
  };

  const stop = async () => {
    const parts = links;
    if (!parts) return;
    links = undefined;
    parts.stopDuties();
    for (const { messages } of holdings.values()) for (const message of messages) message.nack();
    log.info({ nacked: holdings.size }, "ingress stopped; what it held is delivered again");
    holdings.clear();
    await subscription.close();
    await Promise.race([parts.queues.close(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
    parts.redis.disconnect();
    parts.subscriber.disconnect();
  };

  return {
    start,
    stop,
    async health(): Promise<Health> {
      if (!links) return { live: true, ready: false, detail: "not started" };
      const silentMs = Date.now() - lastCheckAtMs;
      const ready = links.redis.status === "ready" && silentMs < 5 * checkMs;
      return {
        live: true,
        ready,
        detail: ready ? `${holdings.size} held` : `Redis has not answered for ${silentMs} ms`,
      };
    },
  };
}

interface Links {
  redis: Redis;
  subscriber: Redis;
  tuning: TuningWatch;
  queues: Queues;
  states: CaptureStates;
  stopDuties(): void;
}

const idOf = ({ item }: Holding) => item.capture.captureId;
const isConcluded = (item: InFlight | Concluded): item is Concluded => "result" in item;
const batchOf = (entries: readonly Holding[]) => ({ batchId: newBatchId(), items: entries.map(({ item }) => item) });

function giveUp(item: InFlight | Concluded): Concluded {
  if (isConcluded(item)) return item;
  const detail = "it was submitted again and again, and no stage finished it";
  return conclude(item, { kind: "rejected", verdict: "unprocessable", reason: "internal", detail });
}

function* slices<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size);
}
