import { type ChannelOptions, Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { InferenceError } from "./inference-client.ts";
import { inferenceErrorOf } from "./inference-error.ts";
import { inferenceService, type MethodName, type Request, type Response } from "./protocol.ts";

export interface UnaryCalls {
  /**
   * @param options.serialize encodes the request in a way of its own; the bytes must not change until the call succeeds
   * @throws InferenceError, or the signal's reason when it is aborted
   */
  call<Name extends MethodName>(
    method: Name,
    request: Request<Name>,
    options: CallOptions<Name>,
  ): Promise<Response<Name>>;
  close(): void;
}

export interface CallOptions<Name extends MethodName> {
  deadlineAtMs: number;
  signal?: AbortSignal;
  serialize?: (request: Request<Name>) => Buffer;
}

/**
 * Calls to the model servers behind one HOST:PORT. Where the name stands for several addresses (a headless
 * service) requests go round all of them; the name is looked up again whenever a connection drops.
 */
export function createUnaryCalls(options: { address: string; maxMessageBytes: number }): UnaryCalls {
  const { address, maxMessageBytes } = options;
  const target = address.includes("://") ? address : `dns:///${address}`;
  const client = new Client(target, credentials.createInsecure(), channelOptions(maxMessageBytes));
  return {
    call: (name, request, { deadlineAtMs, signal, serialize }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const what = `${name} at ${address}`;
        if (deadlineAtMs <= Date.now()) return reject(new InferenceError("deadline", `${what}: the deadline is past`));
        const method = inferenceService[name];
        const settle = (error: ServiceError | null, response?: Response<typeof name>) => {
          signal?.removeEventListener("abort", cancel);
          if (signal?.aborted) reject(signal.reason);
          else if (error) reject(inferenceErrorOf(error, what));
          else if (response) resolve(response);
        };
        const call = client.makeUnaryRequest(
          method.path,
          serialize ?? method.requestSerialize,
          method.responseDeserialize,
          request,
          new Metadata(),
          { deadline: deadlineAtMs },
          settle,
        );
        const cancel = () => call.cancel();
        signal?.addEventListener("abort", cancel);
      }),
    close: () => client.close(),
  };
}

function channelOptions(maxMessageBytes: number): ChannelOptions {
  return {
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    "grpc.service_config_disable_resolution": 1,
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    // A server that comes back must be found in a second; the defaults back off to two minutes.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1_000,
    "grpc.dns_min_time_between_resolutions_ms": 1_000,
    // Only while a request is under way: gRPC servers hang up on clients that ping idle connections.
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5_000,
    // The model server is part of the deployment; a proxy for the outside world must not get in between.
    "grpc.enable_http_proxy": 0,
    // Two clients of one process (tests, a second pool) must not share fate or options.
    "grpc.use_local_subchannel_pool": 1,
  };
}
