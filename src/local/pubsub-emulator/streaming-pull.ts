/**
 * One StreamingPull call:
 *
 *     opened ──first request──► receiving ──half-close, cancel, error, deletion or the emulator's stop──► ended
 *
 * What a stream holds when it ends stays leased until the leases expire.
 */
import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import { type handleBidiStreamingCall, status } from "@grpc/grpc-js";
import type { Logger } from "../../telemetry/logger.ts";
import type { Attachment } from "./backlog.ts";
import type { Catalogue, Subscription } from "./catalogue.ts";
import type { Received } from "./received-message.ts";
import { notFound, RpcError } from "./rpc-error.ts";
import type { Consumer } from "./seat.ts";
import { readFirstRequest, readStreamChanges } from "./stream-request.ts";
import { statusOf } from "./unary-call.ts";

type Call = Parameters<handleBidiStreamingCall<google.pubsub.v1.StreamingPullRequest, Received>>[0];

interface OpenStream {
  subscription: Subscription;
  consumer: Consumer;
  attachment: Attachment;
}

export function streamingPullCall(
  catalogue: Catalogue,
  options: { stopping: AbortSignal; log: Logger | undefined },
): handleBidiStreamingCall<google.pubsub.v1.StreamingPullRequest, Received> {
  const { stopping, log } = options;
  return (call) => {
    let stream: OpenStream | undefined;
    let ended = false;

    const end = (error?: unknown) => {
      if (ended) return;
      ended = true;
      stream?.attachment.detach();
      stopping.removeEventListener("abort", onStopping);
      stream?.subscription.deleted.signal.removeEventListener("abort", onDeleted);
      if (error === undefined) call.end();
      else call.emit("error", statusOf(error, log));
    };
    const onStopping = () => end(new RpcError(status.UNAVAILABLE, "the Pub/Sub emulator is stopping"));
    const onDeleted = () => end(notFound(`subscription ${stream?.subscription.name} was deleted`));

    call.on("data", (request) => {
      if (ended) return;
      try {
        if (stream) obey(call, stream, request);
        else {
          stream = open(call, catalogue, request);
          stream.subscription.deleted.signal.addEventListener("abort", onDeleted);
        }
      } catch (error) {
        end(error);
      }
    });
    call.on("drain", () => stream?.attachment.serve());
    call.on("end", () => end());
    call.on("cancelled", () => end());
    call.on("error", () => end());
    stopping.addEventListener("abort", onStopping);
  };
}

function open(call: Call, catalogue: Catalogue, request: google.pubsub.v1.StreamingPullRequest): OpenStream {
  const settings = readFirstRequest(request);
  const subscription = catalogue.subscription(settings.subscription);
  const { ackIds, deadlines } = readStreamChanges(request, true);
  subscription.backlog.acknowledge(ackIds);
  subscription.backlog.modifyDeadlines(deadlines);
  const consumer: Consumer = {
    ackDeadlineMs: settings.ackDeadlineMs,
    maxMessages: settings.maxMessages,
    maxBytes: settings.maxBytes,
    accepts: () => !call.writableNeedDrain,
    deliver: (messages) => void call.write({ messages }),
  };
  call.write({ messages: [], ordered: subscription.settings.ordered });
  return { subscription, consumer, attachment: subscription.backlog.attach(consumer) };
}

function obey(
  call: Call,
  { subscription, consumer }: OpenStream,
  request: google.pubsub.v1.StreamingPullRequest,
): void {
  const { ackIds, deadlines, ackDeadlineMs } = readStreamChanges(request, false);
  subscription.backlog.acknowledge(ackIds);
  subscription.backlog.modifyDeadlines(deadlines);
  if (ackDeadlineMs !== undefined) consumer.ackDeadlineMs = ackDeadlineMs;
  // A client that sends nothing asks whether the stream is alive, and opens another one if no answer comes.
  if (ackIds.length === 0 && deadlines.length === 0 && ackDeadlineMs === undefined) call.write({ messages: [] });
}
