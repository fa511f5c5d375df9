import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import { invalidArgument } from "./rpc-error.ts";

type StreamingPullRequest = google.pubsub.v1.StreamingPullRequest;

/** What the first request of a stream settles for all of it. */
export interface StreamSettings {
  subscription: string;
  /** Infinity: no limit. */
  maxMessages: number;
  maxBytes: number;
  ackDeadlineMs: number;
}

/** @throws RpcError INVALID_ARGUMENT */
export function readFirstRequest(request: StreamingPullRequest): StreamSettings {
  return {
    subscription: request.subscription,
    maxMessages: limit(request.maxOutstandingMessages),
    maxBytes: limit(request.maxOutstandingBytes),
    ackDeadlineMs: 1000 * checkDeadline("stream_ack_deadline_seconds", request.streamAckDeadlineSeconds, 10),
  };
}

/** What any request of a stream may ask for. */
export interface StreamChanges {
  ackIds: string[];
  deadlines: { ackId: string; ms: number }[];
  ackDeadlineMs: number | undefined;
}

/** @throws RpcError INVALID_ARGUMENT if the request changes what only the first one may set, or is malformed */
export function readStreamChanges(request: StreamingPullRequest, first: boolean): StreamChanges {
  if (!first) refuseLateSettings(request);
  const { ackIds, modifyDeadlineAckIds, modifyDeadlineSeconds, streamAckDeadlineSeconds } = request;
  if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
    throw invalidArgument(
      `modify_deadline_ack_ids has ${modifyDeadlineAckIds.length} elements and modify_deadline_seconds ${modifyDeadlineSeconds.length}: they must be as many`,
    );
  }
  return {
    ackIds,
    deadlines: modifyDeadlineAckIds.map((ackId, index) => ({
      ackId,
      ms: 1000 * checkDeadline("modify_deadline_seconds", modifyDeadlineSeconds[index] ?? 0, 0),
    })),
    ackDeadlineMs: streamAckDeadlineSeconds
      ? 1000 * checkDeadline("stream_ack_deadline_seconds", streamAckDeadlineSeconds, 10)
      : undefined,
  };
}

/** The seconds, if the service allows them. @throws RpcError INVALID_ARGUMENT */
export function checkDeadline(field: string, seconds: number, minSeconds: number): number {
  if (seconds >= minSeconds && seconds <= 600) return seconds;
  throw invalidArgument(`invalid ${field} ${seconds}: must be between ${minSeconds} and 600`);
}

function refuseLateSettings(request: StreamingPullRequest): void {
  const set = {
    subscription: request.subscription !== "",
    client_id: request.clientId !== "",
    max_outstanding_messages: Number(request.maxOutstandingMessages) !== 0,
    max_outstanding_bytes: Number(request.maxOutstandingBytes) !== 0,
    protocol_version: Number(request.protocolVersion) !== 0,
  };
  for (const [field, isSet] of Object.entries(set))
    if (isSet) throw invalidArgument(`${field} can be set only in the first request of a stream`);
}

function limit(value: StreamingPullRequest["maxOutstandingMessages"]): number {
  return Number(value) > 0 ? Number(value) : Number.POSITIVE_INFINITY;
}
