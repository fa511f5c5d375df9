import type { ConversionWishes } from "../models/convert/conversion.ts";
import { convertModel } from "../models/convert/convert-model.ts";
import type { AccuracyReport } from "../models/repository/manifest.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { generatedPictures, picturesIn } from "./model-pictures.ts";
import { asCommandError, notPromotedFolder, readLabels, stepPrinter, tellPromotion } from "./promotion-words.ts";
import { type ServingOptions, servingOf } from "./serving-options.ts";
import { stopSignal } from "./stop-signal.ts";

export interface ConvertOptions
  extends ServingOptions,
    Pick<ConversionWishes, "name" | "repository" | "precision" | "backend" | "normalise" | "activation">,
    Pick<ConversionWishes, "size" | "signature" | "output" | "opset" | "reference"> {
  labels: string;
  images?: string;
  generated: number;
  calibrate?: string;
  policy?: string;
  maxChanged: number;
  json?: boolean;
}

/** Pictures that int8 is calibrated with, and the first of them: others than those that models are compared on. */
const calibrationPictures = 64;
const calibrationSeed = 1_000_001;

/** @returns the exit code. @throws CommandError, PolicyError */
export async function runConvert(savedModel: string, options: ConvertOptions): Promise<number> {
  const { images, generated, calibrate, policy } = options;
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort(new CommandError("stopped; the repository is as it was")));
  const wishes: ConversionWishes = {
    ...options,
    savedModel,
    labels: await readLabels(options.labels),
    policy: policy === undefined ? undefined : await loadPolicy(policy),
    pictures: images === undefined ? generatedPictures(generated) : await picturesIn(images),
    calibration:
      calibrate === undefined ? generatedPictures(calibrationPictures, calibrationSeed) : await picturesIn(calibrate),
    maxChangedShare: options.maxChanged,
    serving: servingOf(options),
    rejectedFolder: notPromotedFolder(options.name),
  };
  const conversion = await convertModel(wishes, {
    log: (line) => process.stderr.write(`${line}\n`),
    onStep: stepPrinter,
    signal: stop.signal,
    nowMs: Date.now,
  }).catch((error: unknown) => {
    throw asCommandError(error);
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(conversion.manifest, null, 2)}\n` : accuracyTable(conversion.manifest.accuracy),
  );
  tellPromotion(conversion);
  return conversion.promoted ? exitCodes.ok : exitCodes.failed;
}

/** What differs from the original, per label and in all. */
function accuracyTable(report: AccuracyReport | undefined): string {
  if (!report) return "";
  const { perClass, pictures, reference, changed, count, changedBy, policy } = report;
  const width = Math.max(5, ...perClass.map(({ label }) => label.length));
  const line = (label: string, ...figures: string[]) =>
    [label.padEnd(width), ...figures.map((figure) => figure.padStart(12))].join("  ");
  const rows = perClass.map(({ label, largest, mean, fromDecimal }) =>
    line(label, largest.toFixed(7), mean.toFixed(7), fromDecimal === null ? "-" : String(fromDecimal)),
  );
  const judged = changedBy === "verdict" ? `verdicts changed under the policy ${policy}` : "top labels changed";
  const head = line("label", "largest", "mean", "from decimal");
  return [`Scores against ${reference}, on ${pictures}:`, head, ...rows, `${changed} of ${count} ${judged}`, ""].join(
    "\n",
  );
}
