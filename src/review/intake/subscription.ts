import { Duration, type PubSub, type Subscription } from "@google-cloud/pubsub";

export interface SubscriptionSettings {
  project: string;
  /** Topic of the verdicts. */
  topic: string;
  subscription: string;
  /** Messages that one process holds; the rest waits in Pub/Sub. */
  maxHeld?: number;
}

/** Clean captures that nobody asked for stay in Pub/Sub's filter, at no cost. */
const filter = 'attributes.review = "flagged" OR attributes.review = "sampled" OR attributes.review = "context"';

const leaseSeconds = 10;
const maxHeld = 4_000;
const maxHeldBytes = 64 * 2 ** 20;

const alreadyExists = 6;
const permissionDenied = 7;

/**
 * Creates topic and subscription if they are missing. A process without the right to create takes it that both are
 * declared already; the subscription itself tells if not.
 * @throws (rejects) with Pub/Sub's error (a gRPC `code`)
 */
export async function ensureSubscription(pubsub: PubSub, settings: SubscriptionSettings): Promise<void> {
  await unlessThere(pubsub.createTopic(settings.topic));
  await unlessThere(
    pubsub.createSubscription(settings.topic, settings.subscription, { filter, ackDeadlineSeconds: leaseSeconds }),
  );
}

/** One stream and leases pinned at 10 s, as ingress has them: what a killed process held comes back after 10 s. */
export function openSubscription(pubsub: PubSub, settings: SubscriptionSettings): Subscription {
  const lease = Duration.from({ seconds: leaseSeconds });
  return pubsub.subscription(settings.subscription, {
    flowControl: {
      maxMessages: settings.maxHeld ?? maxHeld,
      maxBytes: maxHeldBytes,
      allowExcessMessages: false,
    },
    streamingOptions: { maxStreams: 1 },
    minAckDeadline: lease,
    maxAckDeadline: lease,
    closeOptions: { behavior: "NACK", timeout: Duration.from({ seconds: 5 }) },
  });
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== alreadyExists && code !== permissionDenied) throw error;
  }
}
