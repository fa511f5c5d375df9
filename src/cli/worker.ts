import { Argument, Command, InvalidArgumentError } from "commander";
import { type StageName, stageNames } from "../pipeline/stages.ts";
import { addressOfServer } from "../serving/resource/address-of-server.ts";
import { createContext } from "./context.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { runUntilSignal } from "./run-until-signal.ts";
import { createWorker } from "./stage-workers.ts";

export const workerCommand = new Command("worker")
  .description("Run one worker process of a pool")
  .addArgument(new Argument("<stage>", "the pool").choices(stageNames))
  .option(
    "--model-server <name>",
    "preprocess and infer: the ModelServer to ask, NAME or NAME.NAMESPACE, instead of BRIAREUS_MODEL_SERVER",
    addressOf,
  )
  .addHelpText("after", "\nExamples:\n  briareus worker fetch\n  briareus worker infer --model-server high-risk")
  .action(async (stage: StageName, { modelServer }: { modelServer?: string }) => {
    if (modelServer && stage !== "infer" && stage !== "preprocess")
      throw new CommandError(`--model-server is for preprocess and infer: ${stage} asks no model`, exitCodes.usage);
    const env = modelServer ? { ...process.env, BRIAREUS_MODEL_SERVER: modelServer } : process.env;
    const context = createContext(`worker-${stage}`, {}, env);
    await runUntilSignal(`worker-${stage}`, await createWorker(stage, context), context.settings);
  });

function addressOf(name: string): string {
  const address = addressOfServer(name);
  if (address) return address;
  throw new InvalidArgumentError("must be the name of a ModelServer, such as high-risk or high-risk.models.");
}
