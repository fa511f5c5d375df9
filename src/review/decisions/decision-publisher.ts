import { PubSub } from "@google-cloud/pubsub";
import type { DecisionMessage } from "../contract/decision.ts";

export interface DecisionPublisher {
  /** Resolves when Pub/Sub has stored the decision; decisions of one stream arrive in the order of the calls. */
  publish(message: DecisionMessage): Promise<void>;
  close(): Promise<void>;
}

/** An outbox row is locked while it is published: not for longer than this. */
const timeoutMs = 10_000;

/** Publishes decisions as JSON with the ordering key `streamId`, and with what subscribers filter by as attributes. */
export function createDecisionPublisher(options: { project: string; topic: string }): DecisionPublisher {
  const pubsub = new PubSub({ projectId: options.project });
  const topic = pubsub.topic(options.topic, {
    messageOrdering: true,
    batching: { maxMessages: 100, maxMilliseconds: 5 },
    gaxOpts: { timeout: timeoutMs },
  });
  return {
    async publish(message) {
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
    },
    close: () => pubsub.close(),
  };
}
