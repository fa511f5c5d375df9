import { randomUUID } from "node:crypto";
import { type Message, PubSub, type Subscription } from "@google-cloud/pubsub";
import { DecisionMessage } from "../contract/decision.ts";

export interface DecisionSubscription {
  /** Ends it; a temporary subscription is deleted. */
  close(): Promise<void>;
}

export interface FollowOptions {
  project: string;
  topic: string;
  /** A subscription that stays and remembers what came while nobody followed; absent: a temporary one. */
  subscription?: string;
  timeoutMs: number;
}

/** Google deletes a temporary subscription after a day, should this process be killed before it does. */
const expirySeconds = 86_400;
const againMs = 1_000;
const alreadyExists = 6;

/**
 * Hands on decisions as they are published, in order within a stream; one may come twice. If Pub/Sub forgets the
 * subscription (an emulator that was started anew), it is made again.
 * @throws (rejects) with Pub/Sub's error (a gRPC `code`) when it cannot be made within `timeoutMs`
 */
export async function followDecisions(
  options: FollowOptions,
  handlers: { decision: (decision: DecisionMessage) => void; other: (message: Message) => void },
): Promise<DecisionSubscription> {
  const pubsub = new PubSub({ projectId: options.project });
  const name = options.subscription ?? `decisions-${randomUUID()}`;
  const gaxOpts = { timeout: options.timeoutMs };
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let subscription: Subscription;

  const open = async (): Promise<void> => {
    try {
      await pubsub.createSubscription(options.topic, name, {
        enableMessageOrdering: true,
        ...(options.subscription === undefined ? { expirationPolicy: { ttl: { seconds: expirySeconds } } } : {}),
        gaxOpts,
      });
    } catch (error) {
      if ((error as { code?: unknown }).code !== alreadyExists) throw error;
    }
    subscription = pubsub.subscription(name, { streamingOptions: { maxStreams: 1 } });
    subscription.on("message", (message) => {
      const decision = readDecision(message);
      if (decision) handlers.decision(decision);
      else handlers.other(message);
      message.ack();
    });
    subscription.once("error", () => again());
  };
  const again = () => {
    if (closed) return;
    subscription.removeAllListeners("message").on("error", () => undefined);
    void subscription.close().catch(() => undefined);
    timer = setTimeout(() => open().catch(again), againMs);
  };

  await open().catch(async (error) => {
    await pubsub.close();
    throw error;
  });
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await subscription.close();
      if (options.subscription === undefined) await subscription.delete(gaxOpts).catch(() => undefined); // It expires.
      await pubsub.close();
    },
  };
}

function readDecision({ data }: Message): DecisionMessage | undefined {
  try {
    return DecisionMessage.parse(JSON.parse(data.toString()));
  } catch {
    return undefined;
  }
}
