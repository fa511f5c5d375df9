import { Command } from "commander";
import { fetchSavedModel } from "../models/transfer/fetch-folder.ts";
import { fetchVersion, manifestAt } from "../models/transfer/fetch-version.ts";
import { openModelPlace } from "../models/transfer/model-place.ts";
import { TransferError } from "../models/transfer/transfer-error.ts";
import { CommandError } from "./exit.ts";
import { wholeNumber } from "./parse-options.ts";
import { parseModelName } from "./serving-options.ts";

interface FetchOptions {
  name: string;
  asVersion?: number;
  into?: string;
  savedModel?: string;
  backend?: string;
  precision?: string;
  maxBatch?: number;
  maxDelay?: number;
  maxQueue?: number;
  unless?: string;
  unlessInto?: string;
}

export const modelFetchCommand = new Command("fetch")
  .description("Copy one version of a model into a model repository, checked against its manifest")
  .argument("<place>", "gs://BUCKET/MODEL/VERSION, https://HOST/MODEL/VERSION or a folder")
  .requiredOption("--name <name>", "name of the model in the repository", parseModelName)
  .option(
    "--as-version <n>",
    "its number there (default: that of its manifest)",
    wholeNumber(1, Number.MAX_SAFE_INTEGER),
  )
  .option("--into <folder>", "the model repository")
  .option("--saved-model <folder>", "the place holds a SavedModel: copy it here, as it is")
  .option("--backend <backend>", "refuse a version for another one")
  .option("--precision <precision>", "refuse a version of another one")
  .option("--max-batch <n>", "pictures in the largest batch (default: as its config.pbtxt says)", wholeNumber(1, 1_024))
  .option("--max-delay <us>", "microseconds that a request waits to share its batch", wholeNumber(0, 10_000_000_000))
  .option("--max-queue <n>", "requests that may wait", wholeNumber(1, 100_000))
  .option("--unless <place>", "fetch nothing where this holds a version already, but that version")
  .option("--unless-into <folder>", "the model repository that it is put into")
  .addHelpText(
    "after",
    "\nExample:\n  briareus model fetch gs://models/faces/3 --name faces --into /models --max-batch 8",
  )
  .action(async (uri: string, options: FetchOptions) => {
    await fetchModel(uri, options).catch((error: unknown) => {
      throw error instanceof TransferError ? new CommandError(error.message) : error;
    });
  });

async function fetchModel(uri: string, options: FetchOptions): Promise<void> {
  const { name, asVersion: version, into, savedModel, backend, precision, unless, unlessInto } = options;
  const limits = { maxBatch: options.maxBatch, maxDelayMicroseconds: options.maxDelay, maxQueue: options.maxQueue };
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  if (unless !== undefined && unlessInto !== undefined) {
    const place = openModelPlace(unless);
    if (await manifestAt(place)) {
      await fetchVersion(place, { name, into: unlessInto });
      return void tell(`${unless} is there already`);
    }
  }
  if (savedModel !== undefined) await fetchSavedModel(openModelPlace(uri), savedModel);
  if (into !== undefined)
    tell(await fetchVersion(openModelPlace(uri), { name, version, into, backend, precision, limits }));
}
