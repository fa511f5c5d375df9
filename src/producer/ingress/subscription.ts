import { Duration, PubSub, type Subscription } from "@google-cloud/pubsub";

/**
 * The captures subscription with the flow control that holds thousands of messages without an expired lease:
 * one stream, leases pinned at 10 s so that a killed process's messages come back after 10 s.
 */
export function openCapturesSubscription(options: { project: string; subscription: string; maxHeld: number }): {
  pubsub: PubSub;
  subscription: Subscription;
} {
  const pubsub = new PubSub({ projectId: options.project });
  const lease = Duration.from({ seconds: 10 });
  const subscription = pubsub.subscription(options.subscription, {
    flowControl: { maxMessages: options.maxHeld, maxBytes: 64 * 2 ** 20, allowExcessMessages: false },
    streamingOptions: { maxStreams: 1 },
    minAckDeadline: lease,
    maxAckDeadline: lease,
    closeOptions: { behavior: "NACK", timeout: Duration.from({ seconds: 5 }) },
  });
  return { pubsub, subscription };
}

/** Creates the topics and the subscription that are missing. For emulators and first runs; production declares them. */
export async function ensureTopics(options: {
  project: string;
  capturesTopic: string;
  capturesSubscription: string;
  verdictsTopic: string;
  decisionsTopic?: string;
}): Promise<void> {
  const { decisionsTopic } = options;
  const pubsub = new PubSub({ projectId: options.project });
  try {
    await Promise.all([
      create(() => pubsub.createTopic(options.capturesTopic)),
      create(() => pubsub.createTopic(options.verdictsTopic)),
      decisionsTopic && create(() => pubsub.createTopic(decisionsTopic)),
    ]);
    await create(() =>
      pubsub.createSubscription(options.capturesTopic, options.capturesSubscription, { ackDeadlineSeconds: 10 }),
    );
  } finally {
    await pubsub.close();
  }
}

const alreadyExists = 6;

async function create(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if ((error as { code?: number }).code !== alreadyExists) throw error;
  }
}
