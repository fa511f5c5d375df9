import { Argument, Command } from "commander";
import { type StageName, stageNames } from "../pipeline/stages.ts";
import { createContext } from "./context.ts";
import { runUntilSignal } from "./run-until-signal.ts";
import { createWorker } from "./stage-workers.ts";

export const workerCommand = new Command("worker")
  .description("Run one worker process of a pool")
  .addArgument(new Argument("<stage>", "the pool").choices(stageNames))
  .addHelpText("after", "\nExample:\n  briareus worker fetch")
  .action(async (stage: StageName) => {
    const context = createContext(`worker-${stage}`);
    await runUntilSignal(`worker-${stage}`, await createWorker(stage, context), context.settings);
  });
