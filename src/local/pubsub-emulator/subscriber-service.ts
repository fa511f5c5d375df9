import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Logger } from "../../telemetry/logger.ts";
import type { Catalogue } from "./catalogue.ts";
import { applyFieldMask } from "./field-mask.ts";
import { pull } from "./pull.ts";
import { pageOfNames } from "./resource-names.ts";
import { checkDeadline } from "./stream-request.ts";
import { streamingPullCall } from "./streaming-pull.ts";
import { unaryCall } from "./unary-call.ts";

/** The calls of google.pubsub.v1.Subscriber; grpc-js answers those that are missing with UNIMPLEMENTED. */
export function subscriberService(
  catalogue: Catalogue,
  options: { stopping: AbortSignal; log: Logger | undefined },
): UntypedServiceImplementation {
  const { stopping, log } = options;
  return {
    CreateSubscription: unaryCall(
      (resource: google.pubsub.v1.Subscription) => catalogue.createSubscription(resource).resource,
      log,
    ),

    GetSubscription: unaryCall(
      (request: google.pubsub.v1.GetSubscriptionRequest) => catalogue.subscription(request.subscription).resource,
      log,
    ),

    UpdateSubscription: unaryCall(
      ({ subscription: update, updateMask }: google.pubsub.v1.UpdateSubscriptionRequest) => {
        const subscription = catalogue.subscription(update?.name);
        const resource = applyFieldMask(subscription.resource, update ?? {}, updateMask?.paths ?? [], mutableFields);
        catalogue.updateSubscription(subscription, resource);
        return subscription.resource;
      },
      log,
    ),

    ListSubscriptions: unaryCall((request: google.pubsub.v1.ListSubscriptionsRequest) => {
      const ofProject = [...catalogue.subscriptions.keys()].filter((name) => name.startsWith(`${request.project}/`));
      const { names, nextPageToken } = pageOfNames(ofProject, request);
      return { subscriptions: names.map((name) => catalogue.subscription(name).resource), nextPageToken };
    }, log),

    DeleteSubscription: unaryCall((request: google.pubsub.v1.DeleteSubscriptionRequest) => {
      catalogue.deleteSubscription(request.subscription);
      return {};
    }, log),

    Acknowledge: unaryCall((request: google.pubsub.v1.AcknowledgeRequest) => {
      catalogue.subscription(request.subscription).backlog.acknowledge(request.ackIds);
      return {};
    }, log),

    ModifyAckDeadline: unaryCall((request: google.pubsub.v1.ModifyAckDeadlineRequest) => {
      const { backlog } = catalogue.subscription(request.subscription);
      const ms = 1000 * checkDeadline("ack_deadline_seconds", request.ackDeadlineSeconds, 0);
      backlog.modifyDeadlines(request.ackIds.map((ackId) => ({ ackId, ms })));
      return {};
    }, log),

    Pull: unaryCall((request: google.pubsub.v1.PullRequest, call) => {
      const subscription = catalogue.subscription(request.subscription);
      const ended = new AbortController();
      call.once("cancelled", () => ended.abort());
      return pull(subscription, request, AbortSignal.any([ended.signal, stopping, subscription.deleted.signal]));
    }, log),

    StreamingPull: streamingPullCall(catalogue, { stopping, log }),
  };
}

const mutableFields = [
  "ackDeadlineSeconds",
  "deadLetterPolicy",
  "expirationPolicy",
  "labels",
  "messageRetentionDuration",
  "pushConfig",
  "retainAckedMessages",
  "retryPolicy",
] as const;
