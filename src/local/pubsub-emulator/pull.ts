import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import type { Subscription } from "./catalogue.ts";
import type { Received } from "./received-message.ts";
import { invalidArgument } from "./rpc-error.ts";

/** A Pull that finds nothing waits so long for a message. */
const maxWaitMs = 5_000;

/**
 * What one Pull call gets: up to `max_messages`, or, after a wait for the first one, none.
 * @throws RpcError INVALID_ARGUMENT
 */
export async function pull(
  subscription: Subscription,
  request: google.pubsub.v1.PullRequest,
  ended: AbortSignal,
): Promise<Received> {
  if (request.maxMessages <= 0) throw invalidArgument(`invalid max_messages ${request.maxMessages}: must be above 0`);
  const { promise, resolve } = Promise.withResolvers<Received>();
  let open = true;
  const attachment = subscription.backlog.attach({
    ackDeadlineMs: subscription.settings.ackDeadlineMs,
    maxMessages: request.maxMessages,
    maxBytes: Number.POSITIVE_INFINITY,
    accepts: () => open,
    deliver(messages) {
      open = false;
      resolve({ messages });
    },
  });
  const giveUp = () => resolve({ messages: [] });
  attachment.serve();
  const timer = setTimeout(giveUp, request.returnImmediately ? 0 : maxWaitMs);
  ended.addEventListener("abort", giveUp);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", giveUp);
    attachment.detach();
  }
}
