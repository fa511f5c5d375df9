import { PubSub } from "@google-cloud/pubsub";
import { loadSettings, type Settings } from "../../src/config/settings.ts";
import { startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { DecisionMessage } from "../../src/review/contract/decision.ts";

export interface DecisionTopic {
  /** Its name and others', as settings. */
  settings: Settings["pubsub"];
  /** `host:port` of the Pub/Sub emulator. */
  address: string;
  /** What has come so far, in the order in which it came, and when, ms since 1970. */
  published: readonly { decision: DecisionMessage; atMs: number }[];
  close(): Promise<void>;
}

/** A Pub/Sub of the test's own with the topic of decisions, and a platform that listens to it. */
export async function startDecisionTopic(): Promise<DecisionTopic> {
  const emulator = await startPubSubEmulator({ port: 0 });
  process.env.PUBSUB_EMULATOR_HOST = emulator.address;
  process.env.METADATA_SERVER_DETECTION = "none";
  const settings = loadSettings({ PUBSUB_EMULATOR_HOST: emulator.address }).pubsub;
  const pubsub = new PubSub({ projectId: settings.project });
  const [topic] = await pubsub.createTopic(settings.decisionsTopic);
  const [subscription] = await topic.createSubscription("platform", { enableMessageOrdering: true });
  const published: { decision: DecisionMessage; atMs: number }[] = [];
  subscription.on("error", () => undefined);
  subscription.on("message", (message) => {
    published.push({ decision: DecisionMessage.parse(JSON.parse(message.data.toString())), atMs: Date.now() });
    message.ack();
  });
  return {
    settings,
    address: emulator.address,
    published,
    async close() {
      await subscription.close();
      await pubsub.close();
      await emulator.stop();
    },
  };
}
