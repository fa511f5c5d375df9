import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { dataFolder } from "../local/data-folder.ts";
import type { Conversion, ConversionWishes } from "../models/convert/conversion.ts";
import { ConversionError } from "../models/convert/conversion-error.ts";
import { convertModel } from "../models/convert/convert-model.ts";
import { ModelToolError } from "../models/model-tool-error.ts";
import { InstallError } from "../models/repository/install-error.ts";
import type { AccuracyReport } from "../models/repository/manifest.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { generatedPictures, picturesIn } from "./model-pictures.ts";
import { stopSignal } from "./stop-signal.ts";

export interface ConvertOptions
  extends Pick<ConversionWishes, "name" | "repository" | "precision" | "backend" | "normalise" | "activation">,
    Pick<ConversionWishes, "size" | "signature" | "output" | "opset" | "trtexec"> {
  labels: string;
  images?: string;
  generated: number;
  calibrate?: string;
  policy?: string;
  maxChanged: number;
  maxBatch: number;
  maxDelay: number;
  maxQueue: number;
  instances: number;
  json?: boolean;
}

/** Pictures that int8 is calibrated with, and the first of them: others than those that models are compared on. */
const calibrationPictures = 128;
const calibrationSeed = 1_000_001;

/** @returns the exit code. @throws CommandError, PolicyError */
export async function runConvert(savedModel: string, options: ConvertOptions): Promise<number> {
  const { images, generated, calibrate, policy, maxBatch, maxDelay, maxQueue, instances } = options;
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort(new CommandError("stopped; the repository is as it was")));
  const startedAt = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const wishes: ConversionWishes = {
    ...options,
    savedModel,
    labels: await readLabels(options.labels),
    policy: policy === undefined ? undefined : await loadPolicy(policy),
    pictures: images === undefined ? generatedPictures(generated) : await picturesIn(images),
    calibration:
      calibrate === undefined ? generatedPictures(calibrationPictures, calibrationSeed) : await picturesIn(calibrate),
    maxChangedShare: options.maxChanged,
    serving: { maxBatchSize: maxBatch, maxQueueDelayMicroseconds: maxDelay, maxQueueSize: maxQueue, instances },
    rejectedFolder: join(dataFolder(), "not-promoted", `${options.name}-${startedAt}`),
  };
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const conversion = await convertModel(wishes, {
    log: say,
    onStep: (step, seconds) => say(`${seconds.toFixed(1).padStart(6)} s  ${step}`),
    signal: stop.signal,
    nowMs: Date.now,
  }).catch((error: unknown) => {
    throw asCommandError(error);
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(conversion.manifest, null, 2)}\n` : accuracyTable(conversion.accuracy),
  );
  tell(conversion, say);
  return conversion.promoted ? exitCodes.ok : exitCodes.failed;
}

function tell({ promoted, manifest, folder, notes }: Conversion, say: (line: string) => void): void {
  if (!promoted) {
    say(`briareus: ${manifest.model} is not promoted: ${notes.join("; ")}`);
    say(`It is kept, with its report, in ${folder}`);
    return;
  }
  for (const note of notes) say(`Note: ${note}`);
  say(`${manifest.model} version ${manifest.version} (${manifest.precision}) lies in ${folder}`);
}

/** What differs from the original, per label and in all. */
export function accuracyTable(report: AccuracyReport): string {
  const { perClass, pictures, reference, changed, count, changedBy, policy } = report;
  const width = Math.max(5, ...perClass.map(({ label }) => label.length));
  const line = (label: string, largest: string, mean: string) =>
    `${label.padEnd(width)}  ${largest.padStart(10)}  ${mean.padStart(10)}\n`;
  const rows = perClass.map(({ label, largest, mean }) => line(label, largest.toFixed(6), mean.toFixed(6)));
  const judged = changedBy === "verdict" ? `verdicts changed under the policy ${policy}` : "top labels changed";
  return `Scores against ${reference}, on ${pictures}:
${line("label", "largest", "mean")}${rows.join("")}${changed} of ${count} ${judged}\n`;
}

/** @throws CommandError */
async function readLabels(labels: string): Promise<string[]> {
  const isFile = await stat(labels).then(
    (found) => found.isFile(),
    () => false,
  );
  const list = isFile ? (await readFile(labels, "utf8")).split(/\r?\n/) : labels.split(",");
  const named = list.map((label) => label.trim()).filter((label) => label !== "");
  if (named.length > 0) return named;
  throw new CommandError(`--labels ${labels} names none`, exitCodes.usage);
}

/** A full disk is met with a sentence, too. */
function asCommandError(error: unknown): unknown {
  if (error instanceof ConversionError || error instanceof InstallError || error instanceof ModelToolError)
    return new CommandError(error.message);
  if (error instanceof Error && "code" in error && error.code === "ENOSPC")
    return new CommandError(`the disk is full (${error.message}); the repository is as it was`);
  return error;
}
