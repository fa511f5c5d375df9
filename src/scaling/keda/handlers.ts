import { type ServiceError, status } from "@grpc/grpc-js";
import type { StageName } from "../../pipeline/stages.ts";
import type { Decider } from "./decider.ts";
import { readTrigger } from "./metadata.ts";
import { metricNameOf, metricSpecOf, metricValueOf } from "./metric.ts";
import type { ExternalScalerHandlers, ScaledObjectRef } from "./protocol.ts";

/**
 * KEDA's questions about one pool, answered from the latest decision. Without a present one GetMetrics alone is an
 * error: with a metric of 0 KEDA would take the pool away, and where GetMetricSpec fails too, its `fallback` never
 * comes into force.
 */
export function createHandlers(decider: Decider): ExternalScalerHandlers {
  const isActive = (stage: StageName): boolean => {
    const decided = decider.lastKnown(stage);
    if (!decided) throw failure(status.UNAVAILABLE, nothingKnown);
    return decided.replicas > 0;
  };
  /** Every question carries the trigger's metadata. @throws ServiceError INVALID_ARGUMENT */
  const stageOf = (object: ScaledObjectRef | null): StageName => {
    const read = readTrigger(object, decider.limits);
    if ("refusal" in read) throw failure(status.INVALID_ARGUMENT, read.refusal);
    decider.hear(read.trigger);
    return read.trigger.stage;
  };
  return {
    IsActive: ({ request }, callback) => answer(callback, () => ({ result: isActive(stageOf(request)) })),

    GetMetricSpec: ({ request }, callback) =>
      answer(callback, () => ({ metricSpecs: [metricSpecOf(stageOf(request))] })),

    GetMetrics: ({ request: { scaledObjectRef, metricName } }, callback) =>
      answer(callback, () => {
        const stage = stageOf(scaledObjectRef);
        if (metricName !== "" && !metricName.endsWith(metricNameOf(stage))) throw unknownMetric(metricName, stage);
        const decided = decider.present(stage);
        if (!decided) throw failure(status.UNAVAILABLE, nothingKnown);
        return { metricValues: [metricValueOf(stage, decided)] };
      }),

    StreamIsActive(call) {
      const stage = orFailure(() => stageOf(call.request));
      if (typeof stage !== "string") return void call.emit("error", stage);
      let said: boolean | undefined;
      const say = () => {
        const decided = decider.lastKnown(stage);
        if (!decided || decided.replicas > 0 === said) return;
        said = decided.replicas > 0;
        call.write({ result: said });
      };
      const silence = decider.onDecision(say);
      call.on("cancelled", silence);
      call.on("close", silence);
      say();
    },
  };
}

const nothingKnown = "the pools cannot be measured now: Redis does not answer, or no autoscaler has decided yet";

function answer<Response>(
  callback: (error: Partial<ServiceError> | null, response?: Response) => void,
  make: () => Response,
): void {
  const made = orFailure(make);
  if (isFailure(made)) callback(made);
  else callback(null, made);
}

function orFailure<Value>(make: () => Value): Value | Failure {
  try {
    return make();
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}

const unknownMetric = (metric: string, stage: StageName) =>
  failure(status.INVALID_ARGUMENT, `there is no metric "${metric}"; stage ${stage} has ${metricNameOf(stage)}`);

const failure = (code: status, details: string) => Object.assign(new Error(details), { code, details });

type Failure = ReturnType<typeof failure>;

const isFailure = (error: unknown): error is Failure => error instanceof Error && "details" in error && "code" in error;
