import { randomUUID } from "node:crypto";
import { PubSub } from "@google-cloud/pubsub";
import { Verdict } from "../capture/verdict.ts";

export interface VerdictSubscription {
  /** Ends and deletes the subscription. */
  close(): Promise<void>;
}

/** Google deletes it after a day, should this process be killed before it does. */
const expirySeconds = 86_400;
const maxFilterBytes = 256;

/**
 * Hands on the verdicts of one stream that are published from now on; a verdict may come twice. Made for the time
 * of a command: the subscription is temporary.
 * @throws (rejects) with Pub/Sub's error (a gRPC `code`) when it cannot be made within `timeoutMs`
 */
export async function subscribeToVerdicts(
  options: { project: string; topic: string; streamId: string; timeoutMs: number },
  onVerdict: (verdict: Verdict) => void,
): Promise<VerdictSubscription> {
  const gaxOpts = { timeout: options.timeoutMs };
  const pubsub = new PubSub({ projectId: options.project });
  const name = `publish-${randomUUID()}`;
  const [subscription] = await pubsub
    .createSubscription(options.topic, name, {
      filter: streamFilter(options.streamId),
      expirationPolicy: { ttl: { seconds: expirySeconds } },
      gaxOpts,
    })
    .catch(async (error) => {
      await pubsub.close();
      throw error;
    });
  subscription.setOptions({ streamingOptions: { maxStreams: 1 } });
  subscription.on("error", () => undefined); // It opens again by itself; who waits for a verdict has a limit.
  subscription.on("message", (message) => {
    message.ack();
    const parsed = Verdict.safeParse(JSON.parse(message.data.toString()));
    if (parsed.success) onVerdict(parsed.data);
  });
  return {
    async close() {
      await subscription.close();
      await subscription.delete(gaxOpts).catch(() => undefined); // It expires.
      await pubsub.close();
    },
  };
}

/** Undefined, which lets all verdicts through, for the rare stream whose id a filter cannot hold. */
function streamFilter(streamId: string): string | undefined {
  const filter = `attributes.streamId = "${streamId}"`;
  return /["\\\p{C}]/u.test(streamId) || Buffer.byteLength(filter) > maxFilterBytes ? undefined : filter;
}
