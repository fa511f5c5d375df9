import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Logger } from "../../telemetry/logger.ts";
import type { Catalogue } from "./catalogue.ts";
import { applyFieldMask } from "./field-mask.ts";
import { pageOfNames } from "./resource-names.ts";
import { invalidArgument } from "./rpc-error.ts";
import { unaryCall } from "./unary-call.ts";

/** https://cloud.google.com/pubsub/quotas#resource_limits */
const limits = { messagesPerRequest: 1000, bytesPerRequest: 10_000_000 };

/** The calls of google.pubsub.v1.Publisher; grpc-js answers those that are missing with UNIMPLEMENTED. */
export function publisherService(catalogue: Catalogue, log: Logger | undefined): UntypedServiceImplementation {
  return {
    CreateTopic: unaryCall((topic: google.pubsub.v1.Topic) => catalogue.createTopic(topic).resource, log),

    GetTopic: unaryCall((request: google.pubsub.v1.GetTopicRequest) => catalogue.topic(request.topic).resource, log),

    UpdateTopic: unaryCall(({ topic: update, updateMask }: google.pubsub.v1.UpdateTopicRequest) => {
      const topic = catalogue.topic(update?.name);
      const mutable = ["labels", "messageRetentionDuration", "messageStoragePolicy"] as const;
      topic.resource = applyFieldMask(topic.resource, update ?? {}, updateMask?.paths ?? [], mutable);
      return topic.resource;
    }, log),

    ListTopics: unaryCall((request: google.pubsub.v1.ListTopicsRequest) => {
      const ofProject = [...catalogue.topics.keys()].filter((name) => name.startsWith(`${request.project}/`));
      const { names, nextPageToken } = pageOfNames(ofProject, request);
      return { topics: names.map((name) => catalogue.topic(name).resource), nextPageToken };
    }, log),

    ListTopicSubscriptions: unaryCall((request: google.pubsub.v1.ListTopicSubscriptionsRequest) => {
      const { subscriptions } = catalogue.topic(request.topic);
      const { names, nextPageToken } = pageOfNames(
        [...subscriptions].map(({ name }) => name),
        request,
      );
      return { subscriptions: names, nextPageToken };
    }, log),

    DeleteTopic: unaryCall((request: google.pubsub.v1.DeleteTopicRequest) => {
      catalogue.deleteTopic(request.topic);
      return {};
    }, log),

    Publish: unaryCall((request: google.pubsub.v1.PublishRequest) => {
      const topic = catalogue.topic(request.topic);
      checkSize(request.messages);
      return { messageIds: catalogue.publish(topic, request.messages) };
    }, log),
  };
}

function checkSize(messages: readonly google.pubsub.v1.IPubsubMessage[]): void {
  if (messages.length === 0) throw invalidArgument("the request has no messages: publish at least one");
  if (messages.length > limits.messagesPerRequest)
    throw invalidArgument(
      `the request has ${messages.length} messages: at most ${limits.messagesPerRequest} are allowed`,
    );
  const bytes = messages.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  if (bytes > limits.bytesPerRequest)
    throw invalidArgument(`the request has ${bytes} bytes of data: at most ${limits.bytesPerRequest} are allowed`);
}
