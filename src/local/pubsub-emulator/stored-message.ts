import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import { messageType } from "./rpc-definitions.ts";
import { invalidArgument } from "./rpc-error.ts";

/** A published message, shared by all subscriptions that got it. */
export interface StoredMessage {
  id: string;
  orderingKey: string;
  publishedAtMs: number;
  /** PubsubMessage on the wire, with id and publish time. */
  encoded: Uint8Array;
}

type PubsubMessage = google.pubsub.v1.IPubsubMessage;

const pubsubMessage = messageType("PubsubMessage");

export function storeMessage(message: PubsubMessage, id: string, publishedAtMs: number): StoredMessage {
  const publishTime = { seconds: Math.floor(publishedAtMs / 1000), nanos: (publishedAtMs % 1000) * 1_000_000 };
  const { data, attributes } = message;
  const orderingKey = message.orderingKey ?? "";
  const bytes = pubsubMessage.encode({ data, attributes, orderingKey, messageId: id, publishTime }).finish();
  // A copy of its own: protobuf's writer hands out parts of larger buffers, which a small message would keep alive.
  const encoded = new Uint8Array(bytes);
  return { id, orderingKey, publishedAtMs, encoded };
}

/** The message as it was published. */
export function readStoredMessage(message: StoredMessage): PubsubMessage {
  return pubsubMessage.decode(message.encoded) as PubsubMessage;
}

/** https://cloud.google.com/pubsub/quotas#resource_limits */
const limits = { attributes: 100, attributeKeyBytes: 256, attributeValueBytes: 1024, orderingKeyBytes: 1024 };

/** @throws RpcError INVALID_ARGUMENT for a message that the service would not take */
export function checkMessage({ data, attributes, orderingKey }: PubsubMessage, index: number): void {
  const refuse = (problem: string) => invalidArgument(`message ${index} of the request ${problem}`);
  const entries = Object.entries(attributes ?? {});
  if (!data?.length && entries.length === 0) throw refuse("is empty: it must have data or at least one attribute");
  if (entries.length > limits.attributes)
    throw refuse(`has ${entries.length} attributes: at most ${limits.attributes} are allowed`);
  for (const [key, value] of entries) {
    if (key === "" || Buffer.byteLength(key) > limits.attributeKeyBytes || key.startsWith("goog"))
      throw refuse(
        `has the attribute key ${JSON.stringify(key)}: it must have 1 to ${limits.attributeKeyBytes} bytes and not begin with "goog"`,
      );
    if (Buffer.byteLength(value) > limits.attributeValueBytes)
      throw refuse(`has more than ${limits.attributeValueBytes} bytes in attribute ${JSON.stringify(key)}`);
  }
  if (orderingKey && Buffer.byteLength(orderingKey) > limits.orderingKeyBytes)
    throw refuse(`has an ordering key of more than ${limits.orderingKeyBytes} bytes`);
}
