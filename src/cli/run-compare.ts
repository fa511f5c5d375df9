import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CompareError } from "../models/compare/compare-error.ts";
import { type ComparisonPictures, compareModels, gate } from "../models/compare/compare-models.ts";
import type { Comparison } from "../models/compare/comparison.ts";
import { comparisonPage, shownPictures } from "../models/compare/page/comparison-page.ts";
import { picturesBelow } from "../models/compare/picture-folder.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { showComparisonProgress } from "./comparison-progress.ts";
import { comparisonTable, plain } from "./comparison-table.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { generatedPictures } from "./model-pictures.ts";
import { readLabels } from "./promotion-words.ts";
import { stopSignal } from "./stop-signal.ts";

export interface CompareCommandOptions {
  images?: string;
  generated: number;
  policy?: string;
  as?: string;
  labels?: string;
  maxChanged?: number;
  json?: string | true;
  html?: string;
}

const namedUnreadable = 10;

/** @returns the exit code. @throws CommandError, PolicyError */
export async function runCompare(a: string, b: string, options: CompareCommandOptions): Promise<number> {
  const { json, html, policy, labels, maxChanged } = options;
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort(new CommandError("stopped; nothing is written")));
  try {
    for (const file of [json, html]) if (typeof file === "string") await checkWritable(file);
    const previews = new Map<string, Uint8Array>();
    const comparison = await compareWithProgress(a, b, options, {
      policy: policy === undefined ? undefined : await loadPolicy(policy),
      labels: labels === undefined ? undefined : await readLabels(labels),
      previews: html === undefined ? undefined : previews,
      signal: stop.signal,
    });
    const refusal = maxChanged === undefined ? undefined : gate(comparison, maxChanged);
    await tell(comparison, options);
    if (html !== undefined) {
      const gated = maxChanged === undefined ? undefined : { maxChanged, refusal };
      await writeFile(html, comparisonPage(comparison, { previews, gate: gated }));
    }
    if (refusal === undefined) return exitCodes.ok;
    say(`briareus: ${b} may not take the place of ${a}: ${refusal}`);
    return exitCodes.failed;
  } catch (error) {
    if (!(error instanceof CompareError)) throw error;
    throw new CommandError(error.message, error.code === "wrong-input" ? exitCodes.usage : exitCodes.failed);
  }
}

async function compareWithProgress(
  a: string,
  b: string,
  { images, generated, as }: CompareCommandOptions,
  parts: {
    policy: Awaited<ReturnType<typeof loadPolicy>> | undefined;
    labels: string[] | undefined;
    /** Filled with small copies of the first pictures that change; absent where nobody wants them. */
    previews: Map<string, Uint8Array> | undefined;
    signal: AbortSignal;
  },
): Promise<Comparison> {
  const { policy, labels, previews, signal } = parts;
  const pictures: ComparisonPictures & { count: number } =
    images === undefined ? { ...generatedPictures(generated), count: generated } : await picturesBelow(images);
  const progress = showComparisonProgress(pictures.count, Date.now);
  try {
    return await compareModels(a, b, pictures, policy, {
      ...{ labels, as, signal },
      progress: progress.update,
      onChanged: async ({ name }, preview) => {
        if (previews && previews.size < shownPictures) previews.set(name, await preview());
      },
    });
  } finally {
    progress.close();
  }
}

async function tell(comparison: Comparison, { json }: CompareCommandOptions): Promise<void> {
  const { unreadable } = comparison.pictures;
  for (const { name, reason } of unreadable.slice(0, namedUnreadable)) say(`unreadable: ${plain(name)}: ${reason}`);
  if (unreadable.length > namedUnreadable) say(`and ${unreadable.length - namedUnreadable} more unreadable pictures`);
  const text = `${JSON.stringify(comparison, null, 2)}\n`;
  if (typeof json === "string") await writeFile(json, text);
  process.stdout.write(json === true ? text : comparisonTable(comparison));
}

/** Before minutes of comparing, not after. @throws CommandError */
async function checkWritable(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  const refuse = (why: string) => new CommandError(`${file} cannot be written: ${why}`, exitCodes.usage);
  if (found?.isDirectory()) throw refuse("it is a folder");
  await access(found ? file : dirname(file), constants.W_OK).catch((error: Error) => {
    throw refuse(error.message);
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
