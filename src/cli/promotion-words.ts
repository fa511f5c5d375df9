/** What `briareus model convert` and `briareus model build` read and say alike. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { dataFolder } from "../local/data-folder.ts";
import { ConversionError } from "../models/convert/conversion-error.ts";
import { ModelToolError } from "../models/model-tool-error.ts";
import { InstallError } from "../models/repository/install-error.ts";
import type { Promotion } from "../models/repository/promote.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** A folder of its own for a version that does not get into the repository. */
export function notPromotedFolder(name: string): string {
  return join(dataFolder(), "not-promoted", `${name}-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
}

export function stepPrinter(step: string, seconds: number): void {
  say(`${seconds.toFixed(1).padStart(6)} s  ${step}`);
}

export function tellPromotion({ promoted, manifest, folder, notes }: Promotion): void {
  if (!promoted) {
    say(`It is kept, with its report, in ${folder}`);
    say(`briareus: ${manifest.model} is not promoted: ${notes.join("; ")}`);
    return;
  }
  for (const note of notes) say(`Note: ${note}`);
  say(`${manifest.model} version ${manifest.version} lies in ${folder}`);
}

/** Labels of a file, one a line, or separated by commas. @throws CommandError */
export async function readLabels(labels: string): Promise<string[]> {
  const isFile = await stat(labels).then(
    (found) => found.isFile(),
    () => false,
  );
  const list = isFile ? (await readFile(labels, "utf8")).split(/\r?\n/) : labels.split(",");
  const named = list.map((label) => label.trim()).filter((label) => label !== "");
  if (named.length > 0) return named;
  throw new CommandError(`the model's classes have no names: list them with --labels`, exitCodes.usage);
}

/** A full disk is met with a sentence, too. */
export function asCommandError(error: unknown): unknown {
  if (error instanceof ConversionError || error instanceof InstallError || error instanceof ModelToolError)
    return new CommandError(error.message);
  if (error instanceof Error && "code" in error && error.code === "ENOSPC")
    return new CommandError(`the disk is full (${error.message}); the repository is as it was`);
  return error;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
