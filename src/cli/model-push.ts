import { Command } from "commander";
import { openModelPlace } from "../models/transfer/model-place.ts";
import { pushVersion } from "../models/transfer/push-version.ts";
import { TransferError } from "../models/transfer/transfer-error.ts";
import { CommandError } from "./exit.ts";

export const modelPushCommand = new Command("push")
  .description("Put the newest version of a model, with its configuration, to a place of its own")
  .argument("<model>", "the model's folder in a repository")
  .argument("<place>", "gs://BUCKET/PATH or a folder")
  .addHelpText("after", "\nExample:\n  briareus model push models/faces gs://models/engines/faces/fp16-l4")
  .action(async (model: string, uri: string) => {
    const pushed = await pushVersion(model, openModelPlace(uri)).catch((error: unknown) => {
      throw error instanceof TransferError ? new CommandError(error.message) : error;
    });
    process.stderr.write(pushed ? `${uri}\n` : `${uri} is there already; it stays as it is\n`);
  });
