import { createRequire } from "node:module";
import type { ServiceDefinition } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { encodeReceived, type Received } from "./received-message.ts";

const require = createRequire(import.meta.url);
const root = protobuf.Root.fromJSON(require("@google-cloud/pubsub/build/protos/protos.json"));

/** The protobuf type of a message of google.pubsub.v1. */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(`google.pubsub.v1.${name}`);
}

/**
 * A service of google.pubsub.v1 for grpc-js. Requests are decoded into protobuf's message classes (defaults can be
 * read, absent messages are null); responses are plain objects.
 */
export function serviceDefinition(name: "Publisher" | "Subscriber"): ServiceDefinition {
  const methods = root.lookupService(`google.pubsub.v1.${name}`).methodsArray;
  return Object.fromEntries(methods.map((method) => [method.name, methodDefinition(name, method)]));
}

function methodDefinition(service: string, method: protobuf.Method): ServiceDefinition[string] {
  method.resolve();
  const { resolvedRequestType: request, resolvedResponseType: response } = method;
  if (!request || !response) throw new Error(`the protos of ${service}.${method.name} are incomplete`);
  const encode = (value: object) => Buffer.from(response.encode(response.fromObject(value)).finish());
  const carriesMessages = method.name === "Pull" || method.name === "StreamingPull";
  return {
    path: `/google.pubsub.v1.${service}/${method.name}`,
    requestStream: Boolean(method.requestStream),
    responseStream: Boolean(method.responseStream),
    requestSerialize: (value: object) => Buffer.from(request.encode(value).finish()),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: carriesMessages ? (value: Received) => encodeReceived(response, value) : encode,
    responseDeserialize: (bytes: Buffer) => response.decode(bytes),
  };
}
