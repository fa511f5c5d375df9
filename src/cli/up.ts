import { Command } from "commander";
import { exitCodes } from "./exit.ts";
import { parseDuration, positiveNumber, wholeNumber } from "./parse-options.ts";
import { runUp, type UpOptions } from "./run-up.ts";

export const upCommand = new Command("up")
  .description("Run the whole system on this machine, with simulated live streams")
  .option("--streams <n>", "simulated live streams", wholeNumber(1, 10_000), 8)
  .option("--fps <f>", "captures a second per stream", positiveNumber(1000), 2)
  .option("--captures <n>", "publish so many captures, wait for their verdicts, and end", wholeNumber(1, 10_000_000))
  .option("--for <duration>", "publish for so long, wait for the verdicts, and end (30s, 5m, 1h)", parseDuration)
  .option("--no-demo", "publish nothing: captures come from elsewhere")
  .option("--autoscale", "start and drain worker processes by what there is to do")
  .option("--burst", "after ten seconds the streams publish 20 times as much, for five")
  .option("--triton", "serve the models on a real Triton: the one of TRITON_URL, else one of its own")
  .option("--json", "print one JSON object per event instead of a board")
  .addHelpText(
    "after",
    `
Examples:
  briareus up                            until Ctrl-C
  briareus up --captures 200             a measured run
  briareus up --autoscale --burst        pools that grow with a burst and shrink after it
  briareus up --triton                   with NVIDIA Triton in the place of our model server
  briareus up --no-demo                  then, elsewhere: briareus publish holiday/ --stream me --wait

Uses REDIS_URL, DATABASE_URL, PUBSUB_EMULATOR_HOST or GOOGLE_CLOUD_PROJECT, and BRIAREUS_MODEL_SERVER where they are
set; runs an embedded part for each that is not. Ends with ${exitCodes.incomplete} when a capture is left without a verdict.`,
  )
  .action(async (options: UpOptions) => {
    process.exitCode = await runUp(options);
  });
