import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { dataFolder } from "../local/data-folder.ts";
import { normalisationHelp } from "../models/convert/normalisation.ts";
import { activations, precisions } from "../models/convert/run-converter.ts";
import { wholeNumber } from "./parse-options.ts";
import { parseShare } from "./parse-share.ts";
import { type ConvertOptions, runConvert } from "./run-convert.ts";
import { addServingOptions, parseModelName } from "./serving-options.ts";

const convert = new Command("convert")
  .description("Convert a TensorFlow SavedModel, check its accuracy, and put it into a model repository")
  .argument("<saved-model>", "folder with a saved_model.pb")
  .requiredOption("--name <name>", "name of the model in the repository", parseModelName)
  .requiredOption("--labels <labels>", "names of its classes, in order: a file with one a line, or a,b,c")
  .option("--repository <folder>", "the model repository", join(dataFolder(), "models"))
  .addOption(new Option("--precision <precision>", "bits of its numbers").choices(precisions).default("fp32"))
  .addOption(
    new Option("--backend <backend>", "tensorrt: a plan, built by trtexec on the GPU of this machine")
      .choices(["onnxruntime", "tensorrt"])
      .default("onnxruntime"),
  )
  .option("--normalise <how>", `what it was trained on: ${normalisationHelp}`)
  .addOption(
    new Option("--activation <function>", "put after its output, for a model that gives logits")
      .choices(activations)
      .default("none"),
  )
  .option("--size <WIDTHxHEIGHT>", "for a model that takes pictures of any size", parseSize)
  .option("--signature <name>", "which of its signatures")
  .option("--output <name>", "which of its outputs are the scores")
  .option("--opset <version>", "ONNX operator set", wholeNumber(13, 18), 17)
  .option("--images <folder>", "pictures to compare it with the SavedModel on")
  .option("--generated <n>", "so many generated ones instead", wholeNumber(1, 100_000), 64)
  .option(
    "--calibrate <folder>",
    "for int8: pictures to take the ranges of its values from (default: 64 generated ones)",
  )
  .option("--policy <file>", "policy whose verdicts may not change (default: compare the label with the highest score)")
  .addOption(
    new Option("--max-changed <share>", "share of the pictures that may be judged otherwise")
      .argParser(parseShare)
      .default(0.01, "1%"),
  );

export const modelConvertCommand = addServingOptions(convert)
  .option("--json", "print the version's manifest as JSON instead of a table")
  .addHelpText(
    "after",
    `
Examples:
  briareus model convert faces/ --name faces --labels labels.txt --normalise=-1..1
  briareus model convert faces/ --name faces-int8 --labels labels.txt --normalise=-1..1 --precision int8 --calibrate photos/
  briareus model convert faces/ --name faces --labels a,b,c --normalise 0..1 --images photos/ --policy policy.yaml --max-changed 0.1%

The converted model takes the bytes of RGB pictures as they are; its scores are compared with the SavedModel's on the
same pictures. Ends with 1 when too many are judged otherwise, or when a TensorRT plan cannot be built here: the version
is then kept aside, with its report, and the repository stays as it was.
Python packages (350 MB) are installed into a folder of their own at the first run.`,
  )
  .action(async (savedModel: string, options: ConvertOptions) => {
    process.exitCode = await runConvert(savedModel, options);
  });

function parseSize(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
  if (Number(width) > 0 && Number(height) > 0) return { width: Number(width), height: Number(height) };
  throw new InvalidArgumentError("must be WIDTHxHEIGHT, such as 224x224.");
}
