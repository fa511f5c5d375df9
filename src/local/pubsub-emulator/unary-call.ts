import { type handleUnaryCall, type ServerUnaryCall, status } from "@grpc/grpc-js";
import type { Logger } from "../../telemetry/logger.ts";
import { RpcError } from "./rpc-error.ts";

/** The handler as grpc-js wants it: what it throws becomes the call's status. */
export function unaryCall<Request, Response>(
  handle: (request: Request, call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
  log: Logger | undefined,
): handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await handle(call.request, call));
    } catch (error) {
      callback(statusOf(error, log));
    }
  };
}

/** An unexpected error is logged with its stack and reaches the client as INTERNAL. */
export function statusOf(error: unknown, log: Logger | undefined): { code: status; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.message };
  log?.error({ err: error }, "a call failed inside the Pub/Sub emulator");
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}
