import type { google } from "@google-cloud/pubsub/build/protos/protos.js";
import { status } from "@grpc/grpc-js";
import type { DeliveryPolicy } from "./backlog.ts";
import type { FilterExpression } from "./filter-expression.ts";
import { parseFilter } from "./parse-filter.ts";
import { invalidArgument, RpcError } from "./rpc-error.ts";
import { FilterSyntaxError } from "./text-cursor.ts";

type Resource = google.pubsub.v1.ISubscription;
type Duration = google.protobuf.IDuration;

/** What a subscription's resource asks for, checked and with the service's defaults. */
export interface SubscriptionSettings extends DeliveryPolicy {
  ackDeadlineMs: number;
  filter: FilterExpression | undefined;
  deadLetter: { topic: string; maxAttempts: number } | undefined;
}

const maxFilterBytes = 256;
const dayMs = 86_400_000;

/** @throws RpcError INVALID_ARGUMENT for values out of range, UNIMPLEMENTED for what the emulator cannot do */
export function readSubscriptionSettings(resource: Resource): SubscriptionSettings {
  refuseUnimplemented(resource);
  const { retryPolicy, deadLetterPolicy } = resource;
  return {
    ordered: Boolean(resource.enableMessageOrdering),
    ackDeadlineMs: 1000 * inRange("ack_deadline_seconds", resource.ackDeadlineSeconds || 10, 10, 600),
    retentionMs: inRange(
      "message_retention_duration",
      duration(resource.messageRetentionDuration, 7 * dayMs),
      600_000,
      31 * dayMs,
    ),
    filter: readFilter(resource.filter ?? ""),
    backoff: retryPolicy ? readBackoff(retryPolicy) : undefined,
    deadLetter: deadLetterPolicy?.deadLetterTopic
      ? {
          topic: deadLetterPolicy.deadLetterTopic,
          maxAttempts: inRange(
            "dead_letter_policy.max_delivery_attempts",
            deadLetterPolicy.maxDeliveryAttempts || 5,
            5,
            100,
          ),
        }
      : undefined,
  };
}

function readBackoff({
  minimumBackoff,
  maximumBackoff,
}: google.pubsub.v1.IRetryPolicy): SubscriptionSettings["backoff"] {
  const minMs = inRange("retry_policy.minimum_backoff", duration(minimumBackoff, 10_000), 0, 600_000);
  return { minMs, maxMs: inRange("retry_policy.maximum_backoff", duration(maximumBackoff, 600_000), minMs, 600_000) };
}

function refuseUnimplemented(resource: Resource): void {
  const asked = {
    "push delivery": resource.pushConfig?.pushEndpoint,
    "delivery to BigQuery": resource.bigqueryConfig,
    "delivery to Cloud Storage": resource.cloudStorageConfig,
    "exactly-once delivery": resource.enableExactlyOnceDelivery,
    "message transforms": resource.messageTransforms?.length,
  };
  for (const [feature, value] of Object.entries(asked))
    if (value) throw new RpcError(status.UNIMPLEMENTED, `this emulator does not do ${feature}`);
}

function readFilter(text: string): FilterExpression | undefined {
  if (text === "") return undefined;
  if (Buffer.byteLength(text) > maxFilterBytes)
    throw invalidArgument(`invalid filter: ${Buffer.byteLength(text)} bytes are more than ${maxFilterBytes}`);
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError)
      throw invalidArgument(`invalid filter ${JSON.stringify(text)}: ${error.message}`);
    throw error;
  }
}

/** In milliseconds. */
function duration(value: Duration | null | undefined, absentMs: number): number {
  return value ? Number(value.seconds ?? 0) * 1000 + (value.nanos ?? 0) / 1e6 : absentMs;
}

function inRange(field: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  const unit = /seconds|attempts/.test(field) ? "" : " ms";
  throw invalidArgument(`invalid ${field}: ${value}${unit} is not between ${min} and ${max}${unit}`);
}
