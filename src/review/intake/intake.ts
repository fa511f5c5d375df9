/**
 * From the verdicts subscription into Postgres. A message is held until its verdict is committed, then acked:
 *
 *     waiting ──500, or 50 ms old──► being stored ──commit──► acked
 *        ▲                               │
 *        └──the database is away─────────┘ tried again, later and later, in ever smaller batches
 *
 * Two lanes do this side by side, so that reading one batch and writing another overlap. All of a stream goes through
 * one lane: what comes in order is stored in order, and the lanes do not wait for each other's locks.
 *
 * Nothing is nacked but at the stop: while the database is away the messages are held, no more of them than flow
 * control allows, and Pub/Sub keeps the rest. What a killed process held comes again after 10 s, and is known then.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Message, PubSub, type Subscription } from "@google-cloud/pubsub";
import type { Verdict } from "../../capture/verdict.ts";
import { backoffMs } from "../../pipeline/backoff.ts";
import type { Health, Lifecycle } from "../../pipeline/lifecycle.ts";
import { reviewHeldVerdicts, reviewIntakeSeconds, reviewIntakeTotal } from "../../telemetry/metrics.ts";
import type { ReviewContext } from "../review-context.ts";
import { type BatchQueue, createBatchQueue } from "./batch-queue.ts";
import { readMessage } from "./read-message.ts";
import { type StoredBatch, storeBatch } from "./store-batch.ts";
import { ensureSubscription, openSubscription, type SubscriptionSettings } from "./subscription.ts";

const laneCount = 2;
const batchSize = 500;
const batchBytes = 8 * 2 ** 20;
const windowMs = 50;
const retryMs = 250;
const maxRetryMs = 5_000;
const drainMs = 5_000;

export function createIntake(context: ReviewContext, settings: SubscriptionSettings): Lifecycle {
  const { log } = context;
  const stopping = new AbortController();
  const { signal } = stopping;
  const lanes = Array.from({ length: laneCount }, () =>
    createBatchQueue<Message>({ windowMs, limitBytes: batchBytes, bytesOf: ({ length }) => length }),
  );
  const troubles: { subscription?: string; database?: string } = { subscription: "not started" };
  let held = 0;
  let running: Promise<void> | undefined;

  const hold = (change: number) => {
    held += change;
    reviewHeldVerdicts.set(held);
  };
  const retryAfter = (failures: number) =>
    sleep(Math.min(maxRetryMs, backoffMs(retryMs, failures, Math.random())), undefined, { signal }).catch(
      () => undefined,
    );

  /** Messages that are no verdict are told of and acked: coming again would not make them one. */
  const readAll = (messages: readonly Message[]): { message: Message; verdict: Verdict }[] =>
    messages.flatMap((message) => {
      const reading = readMessage(message.data);
      if ("verdict" in reading) return [{ message, verdict: reading.verdict }];
      log.error({ messageId: message.id, problem: reading.problem }, "message is no verdict for review");
      reviewIntakeTotal.inc({ outcome: "invalid" });
      message.ack();
      hold(-1);
      return [];
    });

  const storeAll = async (waiting: BatchQueue<Message>) => {
    let limit = batchSize;
    for (let failures = 0; !signal.aborted; ) {
      const batch = readAll(await waiting.take(limit, signal));
      if (batch.length === 0) continue;
      try {
        const verdicts = batch.map(({ verdict }) => verdict);
        count(await storeBatch(context, verdicts));
        for (const { message } of batch) message.ack();
        hold(-batch.length);
        for (const { decidedAtMs } of verdicts) reviewIntakeSeconds.observe((context.now() - decidedAtMs) / 1_000);
        if (failures > 0) log.info({ held }, "verdicts are stored again");
        troubles.database = undefined;
        failures = 0;
        limit = Math.min(batchSize, limit * 2);
      } catch (error) {
        troubles.database = inWords(error);
        log.warn({ err: troubles.database, held }, "verdicts cannot be stored; they are held");
        waiting.putBack(batch.map(({ message }) => message));
        // A batch too large for a slow database must not fail for ever.
        limit = Math.max(1, Math.ceil(limit / 2));
        await retryAfter(failures);
        failures += 1;
      }
    }
  };

  /** Listens until the subscription breaks, or until everything is stored after the stop. */
  const listen = async (subscription: Subscription, stored: Promise<unknown>) => {
    const broken = new Promise<never>((_, reject) => subscription.on("error", reject));
    subscription.on("message", (message) => {
      hold(1);
      lanes[laneOf(message)]?.add(message);
    });
    log.info({ subscription: settings.subscription }, "intake listens for verdicts");
    try {
      await Promise.race([broken, stored]);
    } finally {
      // They come again with the next subscription, or to another process.
      for (const waiting of lanes) hold(-waiting.drain().length);
      await subscription.close();
    }
  };

  /** Keeps a subscription open: one that was deleted, or whose emulator began anew, is made again. */
  const subscribe = async (pubsub: PubSub, stored: Promise<unknown>) => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await ensureSubscription(pubsub, settings);
        troubles.subscription = undefined;
        await listen(openSubscription(pubsub, settings), stored);
      } catch (error) {
        troubles.subscription = inWords(error);
        log.warn({ err: troubles.subscription }, "the verdicts subscription cannot be had");
        await retryAfter(failures);
      }
    }
  };

  const run = async () => {
    const pubsub = new PubSub({ projectId: settings.project });
    const stored = Promise.all(lanes.map(storeAll));
    await Promise.all([stored, subscribe(pubsub, stored)]);
    await pubsub.close();
  };

  return {
    async start() {
      troubles.subscription = "the verdicts subscription is being opened";
      running ??= run().catch((error) => log.error({ err: inWords(error) }, "intake ended"));
    },
    async stop() {
      stopping.abort();
      await Promise.race([running, sleep(drainMs, undefined, { ref: false })]);
    },
    async health(): Promise<Health> {
      const trouble = troubles.subscription ?? troubles.database;
      // People can go on with what is there already, so this is no reason to send them away.
      return { live: true, ready: true, detail: `intake: ${trouble ?? `${held} verdicts held`}` };
    },
  };
}

/** The same for all of a stream; messages without the attribute are few, and go through the first. */
function laneOf({ attributes: { streamId } }: Message): number {
  return streamId === undefined ? 0 : createHash("sha1").update(streamId).digest().readUInt32BE(0) % laneCount;
}

function count(batch: StoredBatch): void {
  for (const outcome of ["stored", "known", "dropped", "refused"] as const) {
    if (batch[outcome] > 0) reviewIntakeTotal.inc({ outcome }, batch[outcome]);
  }
}

const inWords = (error: unknown) => (error instanceof Error ? error.message : String(error));
