import { PubSub } from "@google-cloud/pubsub";
import type { DecisionMessage } from "../contract/decision.ts";

export interface DecisionPublisher {
  /**
   * Resolves when Pub/Sub has stored the decision; decisions of one stream arrive in the order of the calls. Asked
   * again for one that is still on its way, it waits for that one rather than send another.
   * @throws Error when Pub/Sub refused it, or has not confirmed it in time: it may arrive all the same
   */
  publish(message: DecisionMessage): Promise<void>;
  close(): Promise<void>;
}

/** Pub/Sub is asked again and again for so long. */
const attemptMs = 6_000;
/** The outbox's rows are locked meanwhile, in a transaction that the database ends after 30 s. */
const confirmMs = 10_000;

/**
 * The client's own pauses between attempts to connect grow to two minutes, and it takes a connection that a failed
 * network left behind for a good one: a decision must not wait for either.
 */
const connection = {
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/** Publishes decisions as JSON with the ordering key `streamId`, and with what subscribers filter by as attributes. */
export function createDecisionPublisher(options: { project: string; topic: string }): DecisionPublisher {
  const pubsub = new PubSub({ projectId: options.project, ...connection });
  const topic = pubsub.topic(options.topic, {
    messageOrdering: true,
    batching: { maxMessages: 100, maxMilliseconds: 5 },
    gaxOpts: { timeout: attemptMs },
  });
  const onTheirWay = new Map<string, Promise<void>>();

  const send = async (message: DecisionMessage): Promise<void> => {
    try {
      await topic.publishMessage({
        json: message,
        orderingKey: message.streamId,
        attributes: {
          decisionId: message.decisionId,
          streamId: message.streamId,
          outcome: message.outcome,
          ...(message.action === null ? {} : { action: message.action }),
        },
      });
    } catch (error) {
      // After a failure the client holds back everything of the key, for ever if nobody says go on.
      topic.resumePublishing(message.streamId);
      throw error;
    }
  };

  return {
    async publish(message) {
      const { decisionId } = message;
      const sending = onTheirWay.get(decisionId) ?? send(message).finally(() => onTheirWay.delete(decisionId));
      onTheirWay.set(decisionId, sending);
      await inTime(sending, confirmMs);
    },
    close: () => pubsub.close(),
  };
}

async function inTime(sending: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Pub/Sub has not confirmed a decision within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([sending, limit]);
  } finally {
    clearTimeout(timer);
  }
}
