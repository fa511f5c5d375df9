/**
 * Traces of captures over all processes: the publisher's W3C trace context travels with each capture, and every
 * stage adds a span to it. Off unless OTEL_EXPORTER_OTLP_ENDPOINT (or its traces variant) is set: then the SDK is
 * loaded and spans are exported by OTLP over HTTP; without it all of this costs a function call.
 */
import { propagation, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

export interface CaptureSpan {
  name: string;
  captureId: string;
  traceparent?: string;
  startedAtMs: number;
  endedAtMs: number;
  /** Absent when the capture went on. */
  failure?: string;
  attributes?: Record<string, string | number>;
}

const propagator = new W3CTraceContextPropagator();
let enabled = false;

/** Loads the SDK when the environment asks for it. Resolves to what flushes and ends it. */
export async function startTracing(role: string, env: NodeJS.ProcessEnv = process.env): Promise<() => Promise<void>> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return async () => undefined;
  const [{ NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": env.OTEL_SERVICE_NAME ?? "briareus",
      "service.instance.id": `${role}-${process.pid}`,
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register({ propagator });
  enabled = true;
  return async () => {
    enabled = false;
    await provider.shutdown();
    trace.disable();
    propagation.disable();
  };
}

/** Adds a finished span to the trace of a capture; captures published without a trace have none. */
export function recordSpan(span: CaptureSpan): void {
  if (!enabled || !span.traceparent) return;
  const parent = propagator.extract(
    ROOT_CONTEXT,
    { traceparent: span.traceparent },
    {
      get: (carrier, key) => (key === "traceparent" ? carrier.traceparent : undefined),
      keys: Object.keys,
    },
  );
  const options = {
    startTime: span.startedAtMs,
    attributes: { "briareus.capture_id": span.captureId, ...span.attributes },
  };
  const started: Span = trace.getTracer("briareus").startSpan(span.name, options, parent);
  if (span.failure) started.setStatus({ code: SpanStatusCode.ERROR, message: span.failure });
  started.end(span.endedAtMs);
}
