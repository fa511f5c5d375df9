import { type Message, PubSub } from "@google-cloud/pubsub";
import { Verdict } from "../../src/capture/verdict.ts";

export interface VerdictListener {
  /** Publishes one capture of a picture, as any program outside would. */
  publish(captureId: string, imageUri: string): Promise<void>;
  /** Every verdict heard of so far, by capture. */
  heard: Map<string, Verdict[]>;
  close(): Promise<void>;
}

/** A platform of its own beside the pipeline: it knows the two topics and nothing else. */
export async function listenForVerdicts(pubsubHost: string): Promise<VerdictListener> {
  const client = new PubSub({ projectId: "briareus", apiEndpoint: pubsubHost });
  const captures = client.topic("captures");
  const [subscription] = await client.topic("verdicts").createSubscription("test-verdicts");
  const heard = new Map<string, Verdict[]>();
  subscription.on("message", (message: Message) => {
    const verdict = Verdict.parse(JSON.parse(message.data.toString()));
    heard.set(verdict.captureId, [...(heard.get(verdict.captureId) ?? []), verdict]);
    message.ack();
  });
  subscription.on("error", (error: Error) => console.error(`verdicts could not be received: ${error.message}`));
  return {
    publish: async (captureId, imageUri) => {
      const capture = { captureId, streamId: "docker", capturedAt: new Date().toISOString(), imageUri };
      await captures.publishMessage({ json: capture });
    },
    heard,
    close: async () => {
      await subscription.close();
      await client.close();
    },
  };
}
