import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { dataFolder } from "../local/data-folder.ts";
import { tritonSources } from "../models/triton/start-triton.ts";
import { wholeNumber } from "./parse-options.ts";
import { type BenchOptions, runBench } from "./run-bench.ts";

export const modelBenchCommand = new Command("bench")
  .description("Measure models under load on a Triton: throughput, latency, batches, time in the queue")
  .argument("<models...>", "names of models in the repository, or on --server; several are compared")
  .option("--repository <folder>", "the model repository", join(dataFolder(), "models"))
  .option("--server <host:port>", "gRPC address of a server that runs already; without it a Triton is started")
  .addOption(
    new Option(
      "--source <source>",
      "the Triton to start; auto: the official image where Docker answers, else the Python package (on a CPU)",
    )
      .choices(tritonSources)
      .default("auto")
      .env("BRIAREUS_TRITON_SOURCE"),
  )
  .option(
    "--concurrency <n,n,…>",
    "requests under way at a time (default: 1,2,4,8,16, unless there is --rate)",
    listOf(wholeNumber(1, 1_024)),
  )
  .option(
    "--rate <n,n,…>",
    "requests a second, at random times, however long answers take",
    listOf(wholeNumber(1, 100_000)),
  )
  .option("--batch <n>", "pictures in a request", wholeNumber(1, 1_024), 1)
  .option("--seconds <n>", "how long each model is measured under each load", wholeNumber(1, 3_600), 5)
  .option("--images <folder>", "pictures to send")
  .option("--generated <n>", "so many generated ones instead", wholeNumber(1, 1_000), 32)
  .option(
    "--original <saved-model>",
    "measure the SavedModel too that the first model was converted from, on TensorFlow",
  )
  .option("--json <file>", "write everything that was measured")
  .option("--plot <file>", "write throughput against latency as an SVG picture", parseSvgName)
  .addHelpText(
    "after",
    `
Examples:
  briareus model bench nsfw
  briareus model bench faces faces-int8 --images photos/ --json bench.json --plot bench.svg
  briareus model bench faces faces-int8 --original saved/faces --concurrency 1,4,16
  briareus model bench faces --server triton:8001 --rate 50,100,200 --seconds 30

Load comes from NVIDIA's perf_analyzer: the program that PERF_ANALYZER names, else that of a Python package, which is
installed into a folder of its own at the first run (100 MB) and needs the library libb64 (Debian: libb64-0d).
Models are measured in turns, one load after the other. "queue full": the server refused requests.
--original needs TensorFlow (350 MB, in a folder of its own) and the Triton of the Python package.`,
  )
  .action(async (models: string[], options: BenchOptions) => {
    await runBench(models, options);
  });

function listOf(parse: (text: string) => number): (text: string) => number[] {
  return (text) => text.split(",").map((each) => parse(each.trim()));
}

function parseSvgName(text: string): string {
  if (text.endsWith(".svg")) return text;
  throw new InvalidArgumentError("must be the name of a file that ends with .svg.");
}
