import { Command } from "commander";
import { loadSettings } from "../config/settings.ts";
import { type ModelServer, startModelServer } from "../model-server/start-model-server.ts";
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";
import { CommandError } from "./exit.ts";
import { wholeNumber } from "./parse-options.ts";
import { runUntilSignal } from "./run-until-signal.ts";

interface Options {
  repository: string;
  host: string;
  port: number;
  metricsPort: number;
  threads?: number;
}

export const modelServerCommand = new Command("model-server")
  .description("Serve a Triton model repository on the CPU, by the KServe v2 gRPC protocol")
  .requiredOption("--repository <folder>", "folder of models: MODEL/config.pbtxt and MODEL/1/model.onnx")
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .option("--port <port>", "gRPC port; 0: any free one", wholeNumber(0, 65_535), 8001)
  .option("--metrics-port <port>", "port of /metrics and /v2/health; 0: any free one", wholeNumber(0, 65_535), 8002)
  .option("--threads <count>", "pictures computed at a time (default: one per core)", wholeNumber(1, 1_024))
  .addHelpText("after", "\nExample:\n  briareus model-server --repository .briareus/models --port 8001")
  .action(async (options: Options) => {
    const settings = loadSettings();
    const log = createLogger({ level: settings.telemetry.logLevel, role: "model-server" });
    await runUntilSignal("model-server", modelServerPart(options, settings.worker.drainMs, log), settings);
  });

function modelServerPart(options: Options, drainMs: number, log: Logger): Lifecycle {
  let server: ModelServer | undefined;
  return {
    start: async () => {
      server = await startModelServer({ ...options, grpcPort: options.port, log }).catch((error: unknown) => {
        throw explained(error, options);
      });
      const { grpcAddress, metricsAddress } = server;
      log.info({ grpcAddress, metricsAddress }, "model server ready");
      server.failed.catch((error: unknown) => {
        log.fatal({ err: error }, "a computing thread died");
        process.exit(1);
      });
    },
    stop: async () => server?.stop({ drainMs }),
    health: async () => ({ live: true, ready: server !== undefined, detail: server?.grpcAddress ?? "loading models" }),
  };
}

/** The mistakes that people make, as one sentence. */
function explained(error: unknown, { host, port, metricsPort }: Options): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? error.code : undefined;
  if (code === "repository" || code === "model-config") return new CommandError(error.message);
  if (code === "EADDRINUSE")
    return new CommandError(`port ${metricsPort} of ${host} is taken; name a free one with --metrics-port (0: any)`);
  if (/EADDRINUSE|No address added/.test(error.message))
    return new CommandError(`port ${port} of ${host} is taken; name a free one with --port (0: any)`);
  return error;
}
