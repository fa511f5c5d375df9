import { type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import type { InferenceServiceHandlers, MethodName, Request, Response } from "../inference/protocol.ts";
import type { Logger } from "../telemetry/logger.ts";
import { inferWorkOf } from "./infer-request.ts";
import { ModelConfigError } from "./model-config.ts";
import type { ModelRegistry } from "./model-registry.ts";
import type { ModelVersion } from "./model-version.ts";
import { ServingError, stopping } from "./serving-error.ts";

/** What the server can do of Triton's protocol extensions. */
const extensions = ["model_repository", "model_configuration", "statistics"];

/** The KServe v2 service over the loaded models. */
export function createHandlers(options: {
  registry: ModelRegistry;
  version: string;
  /** Whether the server takes requests; false from the moment it is asked to stop. */
  isReady: () => boolean;
  log?: Logger;
}): InferenceServiceHandlers {
  const { registry, version, isReady, log } = options;

  const unary =
    <Name extends MethodName>(
      answer: (request: Request<Name>, signal: AbortSignal) => Promise<Response<Name>> | Response<Name>,
    ) =>
    async (call: ServerUnaryCall<Request<Name>, Response<Name>>, reply: sendUnaryData<Response<Name>>) => {
      const hangUp = new AbortController();
      call.on("cancelled", () => hangUp.abort());
      try {
        reply(null, await answer(call.request, hangUp.signal));
      } catch (error) {
        reply(statusOf(error, log));
      }
    };

  return {
    ServerLive: unary<"ServerLive">(() => ({ live: true })),
    ServerReady: unary<"ServerReady">(() => ({ ready: isReady() })),
    ServerMetadata: unary<"ServerMetadata">(() => ({ name: "briareus-model-server", version, extensions })),
    ModelReady: unary<"ModelReady">(({ name, version }) => ({ ready: isReady() && has(registry, name, version) })),
    ModelMetadata: unary<"ModelMetadata">(({ name, version }) => metadataOf(registry.find(name, version), registry)),
    ModelConfig: unary<"ModelConfig">(({ name, version }) => ({ config: registry.find(name, version).config })),
    ModelInfer: unary<"ModelInfer">(async (request, signal) => {
      if (!isReady()) throw stopping();
      const model = registry.find(request.model_name, request.model_version);
      const outputs = await model.infer(inferWorkOf(request, model.config), signal);
      return {
        model_name: request.model_name,
        model_version: model.version,
        id: request.id,
        outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
        raw_output_contents: outputs.map(({ bytes }) => bytes),
      };
    }),
    ModelStatistics: unary<"ModelStatistics">(({ name, version }) => ({
      model_stats: registry
        .list(name, version)
        .map((model) => model.statistics.snapshot(model.config.name, model.version)),
    })),
    RepositoryIndex: unary<"RepositoryIndex">(async ({ ready }) => {
      const models = await registry.index();
      return { models: ready ? models.filter((model) => model.state === "READY") : models };
    }),
    RepositoryModelLoad: unary<"RepositoryModelLoad">(async ({ model_name }) => {
      await registry.load(model_name);
      return {};
    }),
    RepositoryModelUnload: unary<"RepositoryModelUnload">(async ({ model_name }) => {
      await registry.unload(model_name);
      return {};
    }),
  };
}

function has(registry: ModelRegistry, name: string, version?: string): boolean {
  try {
    registry.find(name, version);
    return true;
  } catch {
    return false;
  }
}

function metadataOf(model: ModelVersion, registry: ModelRegistry): Response<"ModelMetadata"> {
  const { config } = model;
  const batch = config.max_batch_size > 0 ? [-1] : [];
  const described = ({ name, data_type, dims }: { name: string; data_type: string; dims: number[] }) => ({
    name,
    datatype: data_type.replace("TYPE_", ""),
    shape: [...batch, ...dims],
  });
  return {
    name: config.name,
    versions: registry.list(config.name).map(({ version }) => version),
    platform: config.platform,
    inputs: config.input.map(described),
    outputs: config.output.map(described),
  };
}

function statusOf(error: unknown, log: Logger | undefined): { code: status; details: string } {
  if (error instanceof ServingError) return { code: error.code, details: error.message };
  if (error instanceof ModelConfigError) return { code: status.INVALID_ARGUMENT, details: error.message };
  log?.error({ err: error }, "request failed");
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}
