import { join } from "node:path";
import { Command } from "commander";
import { dataFolder } from "../local/data-folder.ts";
import { ensureDemoModel } from "../model-server/demo-model/ensure-demo-model.ts";

export const demoModelCommand = new Command("demo-model")
  .description("Download the demo model and convert it to ONNX, unless it is there")
  .option("--into <folder>", "the model repository", join(dataFolder(), "models"))
  .addHelpText("after", "\nExample:\n  briareus demo-model --into /models")
  .action(({ into }: { into: string }) => ensureDemoModel(into, { log: (line) => console.error(line) }));
