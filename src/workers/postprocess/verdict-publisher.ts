import { PubSub } from "@google-cloud/pubsub";
import type { Verdict } from "../../capture/verdict.ts";

export interface VerdictPublisher {
  /** Resolves when Pub/Sub has stored the verdict. */
  publish(verdict: Verdict, traceparent?: string): Promise<void>;
  close(): Promise<void>;
}

/** Publishes verdicts as JSON, with what subscribers filter by as attributes. */
export function createVerdictPublisher(options: { project: string; topic: string }): VerdictPublisher {
  const pubsub = new PubSub({ projectId: options.project });
  const topic = pubsub.topic(options.topic, { batching: { maxMessages: 100, maxMilliseconds: 10 } });
  return {
    async publish(verdict, traceparent) {
      await topic.publishMessage({ json: verdict, attributes: attributesOf(verdict, traceparent) });
    },
    close: () => pubsub.close(),
  };
}

/** The Pub/Sub attributes of a verdict; absent facts have no attribute. */
export function attributesOf(verdict: Verdict, traceparent?: string): Record<string, string> {
  const [worst] = verdict.findings;
  return {
    verdict: verdict.verdict,
    captureId: verdict.captureId,
    review: verdict.review,
    ...(verdict.streamId === null ? {} : { streamId: verdict.streamId }),
    ...(worst ? { category: worst.category, severity: worst.severity } : {}),
    ...(traceparent ? { traceparent } : {}),
  };
}
