import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import { Command } from "commander";
import { loadSettings } from "../config/settings.ts";
import { PubSubEmulatorError, startPubSubEmulator } from "../local/pubsub-emulator/server.ts";
import { createLogger } from "../telemetry/logger.ts";
import { CommandError } from "./exit.ts";
import { wholeNumber } from "./parse-options.ts";
import { stopSignal } from "./stop-signal.ts";

export const pubsubEmulatorCommand = new Command("pubsub-emulator")
  .description("Serve Google Pub/Sub from memory, for one machine; ends with its contents")
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .option("--port <number>", "TCP port; 0: any that is free", wholeNumber(0, 65_535), 8085)
  .addHelpText(
    "after",
    "\nExample:\n  briareus pubsub-emulator --port 8085\n  export PUBSUB_EMULATOR_HOST=127.0.0.1:8085",
  )
  .action(async ({ host, port }: { host: string; port: number }) => {
    const { logLevel: level } = loadSettings(process.env).telemetry;
    // Its own line about a port that is taken says less than ours.
    setLogVerbosity(logVerbosity.NONE);
    const asked = stopSignal();
    const emulator = await startPubSubEmulator({
      host,
      port,
      log: createLogger({ level, role: "pubsub-emulator" }),
    }).catch((error) => {
      throw error instanceof PubSubEmulatorError ? new CommandError(error.message) : error;
    });
    process.stdout.write(`export PUBSUB_EMULATOR_HOST=${emulator.address}\n`);
    process.send?.({ ready: true });
    await asked;
    await emulator.stop();
    if (process.connected) process.disconnect();
  });
