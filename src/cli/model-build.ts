import { join } from "node:path";
import { Command, Option } from "commander";
import { dataFolder } from "../local/data-folder.ts";
import { modelBackends } from "../models/repository/config-text.ts";
import { type BuildOptions, runBuild } from "./run-build.ts";
import { addServingOptions, parseModelName } from "./serving-options.ts";

const build = new Command("build")
  .description("Write the model repository of an ONNX model, for one of Triton's backends")
  .argument("[model]", "an .onnx file, or the name of a model in --from", "nsfw")
  .addOption(
    new Option("--backend <backend>", "tensorrt: a plan, built by trtexec on the GPU of this machine")
      .choices(modelBackends)
      .default("onnxruntime"),
  )
  .option("--into <folder>", "the model repository to write (default: models-BACKEND beside the demo model's)")
  .option("--from <folder>", "the repository that a model named is taken from", join(dataFolder(), "models"))
  .option("--name <name>", "its name there (default: the same)", parseModelName)
  .option("--labels <labels>", "names of an .onnx file's classes, in order: a file with one a line, or a,b,c");

export const modelBuildCommand = addServingOptions(build)
  .addHelpText(
    "after",
    `
Examples:
  briareus model build --backend python --into /models
  briareus model build faces.onnx --name faces --labels a,b,c --backend tensorrt --max-batch 32

python: ONNX Runtime in Triton's Python backend, for servers without the onnxruntime backend. A model that is there gets
one version more. Ends with 1 when a TensorRT plan cannot be built here; its command is then printed.`,
  )
  .action(async (model: string, options: BuildOptions) => {
    process.exitCode = await runBuild(model, options);
  });
