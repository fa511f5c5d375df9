import type { Type } from "protobufjs";

/** A message as one subscriber gets it. */
export interface LeasedMessage {
  ackId: string;
  /** PubsubMessage on the wire, with id and publish time. */
  encoded: Uint8Array;
  /** From 1; 0 where the subscription has no dead-letter policy. */
  deliveryAttempt: number;
}

/** What PullResponse and StreamingPullResponse have in common. */
export interface Received {
  messages: readonly LeasedMessage[];
  /** Only in streams. */
  ordered?: boolean;
}

/** Field numbers and wire types of google.pubsub.v1, shifted as protobuf writes them. */
const tags = { receivedMessages: 10, ackId: 10, message: 18, deliveryAttempt: 24 };

/** The response on the wire. Messages are copied as they were encoded when published: no field is touched again. */
export function encodeReceived(type: Type, { messages, ordered }: Received): Buffer {
  const writer = type.encode(
    ordered === undefined ? {} : { subscriptionProperties: { messageOrderingEnabled: ordered } },
  );
  for (const { ackId, encoded, deliveryAttempt } of messages) {
    writer.uint32(tags.receivedMessages).fork().uint32(tags.ackId).string(ackId).uint32(tags.message).bytes(encoded);
    if (deliveryAttempt > 0) writer.uint32(tags.deliveryAttempt).int32(deliveryAttempt);
    writer.ldelim();
  }
  return writer.finish() as Buffer;
}
