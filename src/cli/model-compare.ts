import { Command } from "commander";
import { wholeNumber } from "./parse-options.ts";
import { parseShare } from "./parse-share.ts";
import { type CompareCommandOptions, runCompare } from "./run-compare.ts";

export const modelCompareCommand = new Command("compare")
  .description("Compare two models on the same pictures: scores, ranks, and verdicts that change")
  .argument("<a>", "the reference: an .onnx file, a model's folder (repo/NAME or repo/NAME/VERSION), or HOST:PORT/NAME")
  .argument("<b>", "what may take its place")
  .option("--images <folder>", "pictures to compare them on")
  .option("--generated <n>", "so many generated ones instead", wholeNumber(1, 100_000), 64)
  .option("--policy <file>", "policy whose verdicts are compared (default: compare the label with the highest score)")
  .option("--as <name>", "name of the model in the policy, where neither A nor B has it")
  .option("--labels <labels>", "names of an .onnx file's classes, in order: a file with one a line, or a,b,c")
  .option("--max-changed <share>", "end with 1 when more of the verdicts change: 0.1% or 0.001", parseShare)
  .option("--json [file]", "write everything as JSON; without a file, to standard output instead of the table")
  .option("--html <file>", "write a page with histograms and the pictures whose verdict changes")
  .addHelpText(
    "after",
    `
Examples:
  briareus model compare models/faces/1 models/faces/2 --images photos/ --policy policy.yaml --max-changed 0.1%
  briareus model compare models/faces triton:8001/faces-int8 --generated 500 --html faces.html
  briareus model compare faces.onnx faces-fp16.onnx --labels a,b,c --json=faces.json

Pictures are decoded and resized as the preprocess workers do it. A picture by itself has no stream: sustained rules find
nothing, their thresholds are listed. The page holds small copies of pictures.`,
  )
  .action(async (a: string, b: string, options: CompareCommandOptions) => {
    process.exitCode = await runCompare(a, b, options);
  });
