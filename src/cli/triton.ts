import { Command, Option } from "commander";
import { loadSettings } from "../config/settings.ts";
import { ModelToolError } from "../models/model-tool-error.ts";
import { startTriton, type Triton, type TritonSource, tritonSources } from "../models/triton/start-triton.ts";
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";
import { CommandError } from "./exit.ts";
import { wholeNumber } from "./parse-options.ts";
import { runUntilSignal } from "./run-until-signal.ts";

interface Options {
  repository: string;
  model?: string[];
  source: TritonSource;
  host: string;
  port: number;
  httpPort: number;
  metricsPort: number;
}

const port = wholeNumber(1, 65_535);

export const tritonCommand = new Command("triton")
  .description("Serve a model repository on a real NVIDIA Triton")
  .requiredOption("--repository <folder>", "folder of models: MODEL/config.pbtxt and MODEL/1/…")
  .option("--model <name...>", "serve these models only; others can be loaded later")
  .addOption(
    new Option("--source <source>", "auto: the official image where Docker answers, else the Python package (on a CPU)")
      .choices(tritonSources)
      .default("auto")
      .env("BRIAREUS_TRITON_SOURCE"),
  )
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .option("--port <port>", "gRPC port", port, 8001)
  .option("--http-port <port>", "HTTP port", port, 8000)
  .option("--metrics-port <port>", "port of /metrics", port, 8002)
  .argument("[options...]", "after --: options for Triton itself")
  .addHelpText(
    "after",
    `
Examples:
  briareus triton --repository .briareus/models
  briareus triton --repository .briareus/models --source wheel -- --log-verbose=1

The Python package is for Linux x86-64 and needs Python 3.11 or 3.12; it is installed into a folder of its own at the
first run (100 MB). Another Triton that runs already: set TRITON_URL to its HOST:PORT for \`briareus up --triton\`.`,
  )
  .action(async (args: string[], options: Options) => {
    const settings = loadSettings();
    const log = createLogger({ level: settings.telemetry.logLevel, role: "triton" });
    await runUntilSignal("triton", tritonPart(options, args, settings.worker.drainMs, log), settings);
  });

function tritonPart(options: Options, args: string[], drainMs: number, log: Logger): Lifecycle {
  let triton: Triton | undefined;
  let stopping = false;
  const starting = new AbortController();
  return {
    start: async () => {
      const { repository, model: models, source, host, port: grpcPort, httpPort, metricsPort } = options;
      triton = await startTriton(
        { repository, models, host, grpcPort, httpPort, metricsPort, args },
        {
          source,
          log: (line) => log.info(line),
          output: (line) => process.stderr.write(`${line}\n`),
          signal: starting.signal,
        },
      ).catch((error: unknown) => {
        throw error instanceof ModelToolError ? new CommandError(error.message) : error;
      });
      const { description, grpcAddress, metricsAddress } = triton;
      log.info({ grpcAddress, metricsAddress, description }, "triton ready");
      void triton.ended.then((how) => {
        if (stopping) return;
        log.fatal(how, "triton ended");
        process.exit(1);
      });
    },
    stop: async () => {
      stopping = true;
      starting.abort();
      await triton?.stop(drainMs);
    },
    health: async () => ({
      live: true,
      ready: triton !== undefined,
      detail: triton?.grpcAddress ?? "loading models",
    }),
  };
}
