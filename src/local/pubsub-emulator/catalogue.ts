/** The topics and subscriptions of an emulator, and what publishing does to them. */

import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import { status } from "@grpc/grpc-js";
import type { Logger } from "../../telemetry/logger.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { matchesFilter } from "./filter-expression.ts";
import { deletedTopic, requireName } from "./resource-names.ts";
import { alreadyExists, notFound, RpcError } from "./rpc-error.ts";
import { checkMessage, readStoredMessage, type StoredMessage, storeMessage } from "./stored-message.ts";
import { readSubscriptionSettings, type SubscriptionSettings } from "./subscription-settings.ts";

type PubsubMessage = google.pubsub.v1.IPubsubMessage;

export interface Topic {
  resource: google.pubsub.v1.ITopic;
  readonly subscriptions: Set<Subscription>;
}

export interface Subscription {
  readonly name: string;
  resource: google.pubsub.v1.ISubscription;
  settings: SubscriptionSettings;
  readonly backlog: Backlog;
  /** Aborted when the subscription is deleted. */
  readonly deleted: AbortController;
}

export interface Catalogue {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** @throws RpcError ALREADY_EXISTS, INVALID_ARGUMENT */
  createTopic(resource: google.pubsub.v1.ITopic): Topic;
  /** @throws RpcError NOT_FOUND */
  topic(name: string | null | undefined): Topic;
  /** Its subscriptions stay and keep what they have. @throws RpcError NOT_FOUND */
  deleteTopic(name: string | null | undefined): void;
  /** @throws RpcError ALREADY_EXISTS, INVALID_ARGUMENT, NOT_FOUND (a topic), UNIMPLEMENTED */
  createSubscription(resource: google.pubsub.v1.ISubscription): Subscription;
  /** @throws RpcError NOT_FOUND */
  subscription(name: string | null | undefined): Subscription;
  /** Replaces the resource. @throws as `createSubscription` */
  updateSubscription(subscription: Subscription, resource: google.pubsub.v1.ISubscription): void;
  deleteSubscription(name: string | null | undefined): void;
  /**
   * All messages or none. Returns their ids.
   * @throws RpcError INVALID_ARGUMENT, or RESOURCE_EXHAUSTED when a subscription's backlog is full
   */
  publish(topic: Topic, messages: readonly PubsubMessage[]): string[];
  publishedCount(): number;
  stop(): void;
}

/** Everything lies in memory: large messages fill it before there are many. */
const maxBacklogBytes = 256 * 2 ** 20;

export function createCatalogue(options: { maxBacklog: number; log: Logger | undefined }): Catalogue {
  const { maxBacklog, log } = options;
  const topics = new Map<string, Topic>();
  const subscriptions = new Map<string, Subscription>();
  const saidFull = new Set<string>();
  // Unlike those of an emulator that ran before: consumers may remember ids.
  let lastMessageId = Date.now() * 1000;
  let published = 0;

  const catalogue: Catalogue = {
    topics,
    subscriptions,
    createTopic(resource) {
      const name = requireName("topics", resource.name);
      if (topics.has(name)) throw alreadyExists(`topic ${name} exists already`);
      const topic: Topic = { resource, subscriptions: new Set() };
      topics.set(name, topic);
      return topic;
    },
    topic: (name) => find(topics, "topic", requireName("topics", name)),
    deleteTopic(name) {
      const topic = catalogue.topic(name);
      for (const subscription of topic.subscriptions)
        subscription.resource = { ...subscription.resource, topic: deletedTopic };
      topics.delete(topic.resource.name ?? "");
    },
    createSubscription(resource) {
      const name = requireName("subscriptions", resource.name);
      if (subscriptions.has(name)) throw alreadyExists(`subscription ${name} exists already`);
      const topic = catalogue.topic(resource.topic);
      const settings = readSettings(resource);
      const subscription = openSubscription(name, { ...resource, ...defaultsOf(settings) }, settings);
      subscriptions.set(name, subscription);
      topic.subscriptions.add(subscription);
      return subscription;
    },
    subscription: (name) => find(subscriptions, "subscription", requireName("subscriptions", name)),
    updateSubscription(subscription, resource) {
      subscription.settings = readSettings(resource);
      subscription.resource = resource;
    },
    deleteSubscription(name) {
      const subscription = catalogue.subscription(name);
      topics.get(subscription.resource.topic ?? "")?.subscriptions.delete(subscription);
      subscriptions.delete(subscription.name);
      subscription.deleted.abort();
      subscription.backlog.stop();
    },
    publish(topic, messages) {
      messages.forEach(checkMessage);
      const wanted = [...topic.subscriptions].map((subscription) => {
        const chosen = messages.map(({ attributes }) => accepts(subscription, attributes ?? {}));
        if (chosen.some(Boolean)) refuseIfFull(subscription, chosen.filter(Boolean).length);
        return { subscription, chosen };
      });
      const publishedAtMs = Date.now();
      published += messages.length;
      return messages.map((message, index) => {
        lastMessageId += 1;
        const stored = storeMessage(message, String(lastMessageId), publishedAtMs);
        for (const { subscription, chosen } of wanted) if (chosen[index]) subscription.backlog.add(stored);
        return stored.id;
      });
    },
    publishedCount: () => published,
    stop() {
      for (const { backlog } of subscriptions.values()) backlog.stop();
    },
  };

  function readSettings(resource: google.pubsub.v1.ISubscription): SubscriptionSettings {
    const settings = readSubscriptionSettings(resource);
    if (settings.deadLetter) catalogue.topic(settings.deadLetter.topic);
    return settings;
  }

  function openSubscription(
    name: string,
    resource: google.pubsub.v1.ISubscription,
    settings: SubscriptionSettings,
  ): Subscription {
    const subscription: Subscription = {
      name,
      resource,
      settings,
      backlog: createBacklog({
        policy: () => subscription.settings,
        forward: (message, attempts) => forward(subscription, message, attempts),
      }),
      deleted: new AbortController(),
    };
    return subscription;
  }

  function refuseIfFull({ name, backlog }: Subscription, more: number): void {
    const { messages, bytes } = backlog.size();
    if (messages + more <= maxBacklog && bytes < maxBacklogBytes) return;
    const problem = `subscription ${name} has ${messages} messages (${bytes} bytes) not acked, at most ${maxBacklog} (${maxBacklogBytes} bytes) are kept: receive them, or delete it`;
    if (!saidFull.has(name)) log?.warn({ subscription: name, messages, bytes }, "backlog full, publishing refused");
    saidFull.add(name);
    throw new RpcError(status.RESOURCE_EXHAUSTED, problem);
  }

  /** Publishes a message that could not be delivered, with the attributes that tell where it comes from. */
  function forward(source: Subscription, message: StoredMessage, attempts: number): boolean {
    const topic = topics.get(source.settings.deadLetter?.topic ?? "");
    if (!topic) return false;
    const { data, attributes, orderingKey } = readStoredMessage(message);
    const origin = {
      CloudPubSubDeadLetterSourceSubscription: source.name.split("/").at(-1) ?? "",
      CloudPubSubDeadLetterSourceSubscriptionProject: source.name.split("/").at(1) ?? "",
      CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishedAtMs).toISOString(),
    };
    try {
      catalogue.publish(topic, [{ data, orderingKey, attributes: { ...attributes, ...origin } }]);
      return true;
    } catch (error) {
      log?.warn({ subscription: source.name, topic: topic.resource.name, err: error }, "message not dead-lettered");
      return false;
    }
  }

  return catalogue;
}

/** What the service fills in where a subscription was created without it. */
function defaultsOf({ ackDeadlineMs, retentionMs }: SubscriptionSettings): google.pubsub.v1.ISubscription {
  return {
    ackDeadlineSeconds: ackDeadlineMs / 1000,
    messageRetentionDuration: { seconds: Math.floor(retentionMs / 1000), nanos: (retentionMs % 1000) * 1_000_000 },
    pushConfig: {},
    state: "ACTIVE",
  };
}

function find<T>(map: ReadonlyMap<string, T>, kind: string, name: string): T {
  const found = map.get(name);
  if (!found) throw notFound(`${kind} ${name} does not exist`);
  return found;
}

function accepts({ settings }: Subscription, attributes: Record<string, string>): boolean {
  return !settings.filter || matchesFilter(settings.filter, attributes);
}
