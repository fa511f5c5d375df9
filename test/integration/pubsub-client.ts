import { type Message, type Subscription, type SubscriptionOptions, v1 } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import { vi } from "vitest";

// Google's clients look for a metadata server even when told an address.
process.env.METADATA_SERVER_DETECTION = "none";

/** gRPC status codes by the names that the tests use. */
export const status = { invalidArgument: 3, notFound: 5, alreadyExists: 6, resourceExhausted: 8, unimplemented: 12 };

/** The generated client, whose requests the test writes itself. */
export function subscriberClient(address: string): v1.SubscriberClient {
  const [servicePath, port] = address.split(":");
  return new v1.SubscriberClient({
    servicePath,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    projectId: "tests",
  });
}

/** Hands each message of a subscription to `onMessage`, and collects them. */
export function listen(
  subscription: Subscription,
  onMessage: (message: Message) => void,
  options: { maxStreams?: number; flowControl?: SubscriptionOptions["flowControl"] } = {},
) {
  const { maxStreams = 2, flowControl } = options;
  const messages: Message[] = [];
  subscription.setOptions({ streamingOptions: { maxStreams }, ...(flowControl ? { flowControl } : {}) });
  subscription.on("error", (error) => {
    throw error;
  });
  subscription.on("message", (message: Message) => {
    messages.push(message);
    onMessage(message);
  });
  return { messages, close: () => subscription.close() };
}

/** Waits for a message. */
export async function first(messages: Message[]): Promise<Message> {
  return await vi.waitFor(
    () => {
      const [message] = messages;
      if (!message) throw new Error("no message arrived");
      return message;
    },
    { timeout: 20_000 },
  );
}

/** 0 to count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
