import { type ServiceError, status } from "@grpc/grpc-js";
import { InferenceError } from "./inference-client.ts";

/**
 * Says what a gRPC error of a model server means for the caller. Triton gives a full queue and a stop one status,
 * UNAVAILABLE, and a model that is unloaded or unknown another, NOT_FOUND, and Envoy adds its own; only the message
 * tells them apart.
 */
export function inferenceErrorOf(error: ServiceError, request: string): InferenceError {
  const message = `${request}: ${status[error.code] ?? error.code}: ${error.details || error.message}`;
  return new InferenceError(codeOf(error), message, { cause: error });
}

const queueIsFull = /exceeds maximum queue size|request timeout expired|reset reason: overflow/i;
const messageIsTooLarge = /larger than|too large/i;
/** Unlike a model that is unknown, one that is unloaded comes back. */
const modelIsUnloaded = /has no available versions|not at ready state/i;
const connectionBroke = /RST_STREAM|stream removed|connection/i;

function codeOf(error: ServiceError): InferenceError["code"] {
  switch (error.code) {
    case status.UNAVAILABLE:
      return queueIsFull.test(error.details) ? "overloaded" : "unavailable";
    case status.RESOURCE_EXHAUSTED:
      return messageIsTooLarge.test(error.details) ? "bad-request" : "overloaded";
    case status.NOT_FOUND:
      return modelIsUnloaded.test(error.details) ? "unavailable" : "bad-request";
    case status.DEADLINE_EXCEEDED:
      return "deadline";
    case status.CANCELLED:
      return "unavailable";
    case status.INTERNAL:
    case status.UNKNOWN:
      return connectionBroke.test(error.details) ? "unavailable" : "bad-request";
    default:
      return "bad-request";
  }
}
