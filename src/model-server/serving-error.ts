import { status } from "@grpc/grpc-js";

/** Why a request is refused, with the gRPC status and, where clients tell cases apart by it, Triton's wording. */
export class ServingError extends Error {
  readonly code: status;
  constructor(code: status, message: string) {
    super(message);
    this.name = "ServingError";
    this.code = code;
  }
}

export const unknownModel = (name: string) =>
  new ServingError(status.NOT_FOUND, `Request for unknown model: '${name}' is not found`);

export const versionNotReady = (name: string, version: string) =>
  new ServingError(status.UNAVAILABLE, `Request for unknown model: '${name}' version ${version} is not at ready state`);

export const queueFull = () => new ServingError(status.UNAVAILABLE, "Exceeds maximum queue size");

export const stopping = () =>
  new ServingError(
    status.UNAVAILABLE,
    "Server is stopping, scheduler for model has stopped accepting new inference requests",
  );

export const cancelled = () => new ServingError(status.CANCELLED, "The request was cancelled");

export const invalid = (message: string) => new ServingError(status.INVALID_ARGUMENT, message);
