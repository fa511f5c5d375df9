import { PubSub } from "@google-cloud/pubsub";
import { context, defaultTextMapSetter } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { z } from "zod";
import { Capture } from "../capture/capture.ts";
import { createFlowGate } from "./flow-gate.ts";

/** A capture as publishers give it: `schemaVersion` and `attributes` may be left out. */
export type CaptureInput = z.input<typeof Capture>;

export interface Publisher {
  /**
   * Puts a capture on the topic. Waits while too much is outstanding, so a publisher that awaits cannot flood.
   * @returns the message's id, when Pub/Sub has stored it
   * @throws PublisherError `invalid-capture` naming each wrong field, `closed` after close(), `rejected` when Pub/Sub
   *   did not take it (no such topic, no permission, not reached within `timeoutMs`)
   */
  publish(capture: CaptureInput): Promise<string>;
  /** Sends what waits, and resolves when all of it is stored or refused. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  /** Absent: GOOGLE_CLOUD_PROJECT, else what Google's credentials name, else, with an emulator, "briareus". */
  projectId?: string;
  topic?: string;
  /** Keeps the captures of one stream in order, for subscriptions that have ordering; costs batching across streams. */
  ordering?: boolean;
  /** What may be unacknowledged at a time; publish() waits beyond it. */
  flowControl?: { maxOutstandingMessages: number; maxOutstandingBytes: number };
  /** A request is sent with so many messages, or after so long. */
  batching?: { maxMessages: number; maxMilliseconds: number };
  /** Pub/Sub is asked again and again for so long before a capture is given up. */
  timeoutMs?: number;
}

export class PublisherError extends Error {
  readonly code: "invalid-capture" | "closed" | "rejected";
  constructor(code: PublisherError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PublisherError";
    this.code = code;
  }
}

const propagator = new W3CTraceContextPropagator();

/** Opens a publisher of captures. PUBSUB_EMULATOR_HOST is honoured; nothing is connected to before the first capture. */
export function createPublisher(options: PublisherOptions = {}): Publisher {
  const { topic: topicName = "captures", ordering = false, timeoutMs = 60_000 } = options;
  const { maxOutstandingMessages = 1_000, maxOutstandingBytes = 16 * 2 ** 20 } = options.flowControl ?? {};
  const pubsub = openPubSub(options.projectId);
  const batching = options.batching ?? { maxMessages: 100, maxMilliseconds: 10 };
  const publishOptions = { batching, messageOrdering: ordering, gaxOpts: { timeout: timeoutMs } };
  const topic = pubsub.topic(topicName, publishOptions);
  const gate = createFlowGate({ messages: maxOutstandingMessages, bytes: maxOutstandingBytes });
  const outstanding = new Set<Promise<unknown>>();
  let closed = false;

  const send = async (capture: Capture, traceparent: string | undefined): Promise<string> => {
    const data = Buffer.from(JSON.stringify(capture));
    const { captureId, streamId } = capture;
    const orderingKey = ordering ? streamId : undefined;
    await gate.enter(data.length);
    try {
      return await topic.publishMessage({
        data,
        attributes: { captureId, streamId, ...(traceparent ? { traceparent } : {}) },
        ...(orderingKey === undefined ? {} : { orderingKey }),
      });
    } catch (error) {
      // The client refuses all further messages of the key until told that the caller knows of the loss.
      if (orderingKey !== undefined) topic.resumePublishing(orderingKey);
      throw new PublisherError("rejected", refusal(captureId, topicName, error), { cause: error });
    } finally {
      gate.leave(data.length);
    }
  };

  return {
    async publish(input) {
      if (closed) throw new PublisherError("closed", "the publisher is closed and takes no more captures");
      const sending = send(parseCapture(input), activeTraceparent());
      outstanding.add(sending);
      return await sending.finally(() => outstanding.delete(sending));
    },
    async close() {
      closed = true;
      // What still waits at the gate shall not wait for a batch to fill either.
      topic.setPublishOptions({ ...publishOptions, batching: { ...batching, maxMilliseconds: 0 } });
      await topic.flush().catch(() => undefined); // Each publish() tells its caller.
      await Promise.allSettled(outstanding);
      await pubsub.close();
    },
  };
}

function openPubSub(projectId = process.env.GOOGLE_CLOUD_PROJECT): PubSub {
  if (!process.env.PUBSUB_EMULATOR_HOST) return new PubSub({ projectId });
  // With an emulator nobody needs credentials, and looking for a metadata server would take seconds.
  process.env.METADATA_SERVER_DETECTION ??= "none";
  return new PubSub({ projectId: projectId || "briareus" });
}

function parseCapture(input: CaptureInput): Capture {
  const parsed = Capture.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "capture"}: ${issue.message}`);
  throw new PublisherError("invalid-capture", `not a valid capture: ${problems.join("; ")}`, { cause: parsed.error });
}

/** The W3C trace context of the caller's span, if there is one (https://www.w3.org/TR/trace-context/). */
function activeTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagator.inject(context.active(), carrier, defaultTextMapSetter);
  return carrier.traceparent;
}

const notFound = 5;

function refusal(captureId: string, topicName: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const why = message.replace(/\W*Previous errors :.*/s, ""); // The last one tells enough.
  const hint = (error as { code?: unknown }).code === notFound ? ` (is there a topic "${topicName}"?)` : "";
  return `Pub/Sub did not take capture "${captureId}"${hint}: ${why}`;
}
