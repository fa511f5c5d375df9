import { randomUUID } from "node:crypto";
import { PubSub } from "@google-cloud/pubsub";
import { Verdict } from "../../../src/capture/verdict.ts";
import { createPublisher } from "../../../src/producer/publisher.ts";
import type { Answer, Send } from "./open-loop.ts";

/** Publishes a capture, and takes its verdict from the topic of verdicts. PUBSUB_EMULATOR_HOST says where. */
export async function pubsubSender(
  projectId: string,
  pictureAddress: string,
): Promise<{ send: Send; close(): Promise<void> }> {
  const run = randomUUID().slice(0, 8);
  const waiting = new Map<string, (answer: Answer) => void>();
  const pubsub = new PubSub({ projectId });
  const [subscription] = await pubsub.createSubscription("verdicts", `peers-${run}`);
  subscription.on("error", (error) => console.error(`verdicts: ${error.message}`));
  subscription.on("message", (message) => {
    message.ack();
    const { captureId, verdict, scores } = Verdict.parse(JSON.parse(message.data.toString()));
    waiting.get(captureId)?.({ verdict, scores: scores[0]?.scores ?? {} });
    waiting.delete(captureId);
  });
  const publisher = createPublisher({ projectId });
  return {
    async send(number) {
      const captureId = `${run}-${number}`;
      const answer = new Promise<Answer>((resolve) => waiting.set(captureId, resolve));
      await publisher.publish({
        captureId,
        streamId: `stream-${number % 16}`,
        capturedAt: new Date().toISOString(),
        imageUri: `http://${pictureAddress}/${number}.jpg`,
      });
      return await answer;
    },
    async close() {
      await publisher.close();
      await subscription.close();
      await pubsub.close();
    },
  };
}
