import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configText, type ModelSettings } from "../repository/config-text.ts";
import type { AccuracyReport, Manifest } from "../repository/manifest.ts";
import type { StagedVersion } from "../repository/stage-version.ts";
import type { Conversion, ConversionProgress, ConversionWishes } from "./conversion.ts";
import { fileHash } from "./folder-hash.ts";
import { buildTensorRtPlan } from "./tensorrt-plan.ts";

/** A converted version, its manifest but for the files, and what was asked for. */
export interface Candidate {
  staged: StagedVersion;
  manifest: Manifest & { accuracy: AccuracyReport };
  input: { height: number; width: number };
  wishes: ConversionWishes;
  progress: ConversionProgress;
}

/** Puts a version that keeps to its accuracy into the repository; another one aside, with its report. */
export async function promote({ staged, manifest: draft, input, wishes, progress }: Candidate): Promise<Conversion> {
  const { accuracy } = draft;
  const manifest: Candidate["manifest"] = { ...draft };
  const settings = settingsOf(wishes, input);
  let refusal = gate(accuracy);
  if (!refusal && wishes.backend === "tensorrt") {
    const sinceMs = progress.nowMs();
    const outcome = await buildTensorRtPlan(
      {
        onnx: join(staged.folder, "model.onnx"),
        plan: join(staged.folder, "model.plan"),
        input: settings.input,
        batch: { min: 1, opt: Math.ceil(settings.maxBatchSize / 2), max: settings.maxBatchSize },
      },
      { program: wishes.trtexec, signal: progress.signal },
    );
    // Whoever runs it later runs it in the version's folder.
    const command = outcome.command.replaceAll(`${staged.folder}/`, "");
    manifest.tensorrt = { ...outcome, command };
    if (outcome.ran) progress.onStep("TensorRT plan", (progress.nowMs() - sinceMs) / 1000);
    else refusal = `the TensorRT step was not run: ${outcome.reason}. Where the plan is to serve, run: ${command}`;
  }
  const finish = async (version: number | null) => {
    const names = (await readdir(staged.folder)).filter((name) => name !== "manifest.json").toSorted();
    manifest.version = version;
    manifest.files = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await fileHash(join(staged.folder, name))] as const)),
    );
    await writeFile(join(staged.folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  };
  if (refusal) {
    await finish(null);
    await staged.keep(wishes.rejectedFolder);
    return { manifest, accuracy, folder: wishes.rejectedFolder, promoted: false, notes: [refusal] };
  }
  progress.signal?.throwIfAborted();
  const { version, configKept } = await staged.install(configText(settings), finish);
  const notes = configKept ? ["the model's config.pbtxt is left as it was"] : [];
  return { manifest, accuracy, folder: join(wishes.repository, wishes.name, String(version)), promoted: true, notes };
}

/** Why a version may not serve in the place of its original; undefined when it may. */
export function gate({ changed, count, changedShare, maxChangedShare, changedBy }: AccuracyReport): string | undefined {
  if (changedShare <= maxChangedShare) return undefined;
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const what = changedBy === "verdict" ? "are judged otherwise" : "have another top label";
  return `${changed} of ${count} pictures (${percent(changedShare)}) ${what}, and ${percent(maxChangedShare)} may`;
}

function settingsOf(wishes: ConversionWishes, { height, width }: Candidate["input"]): ModelSettings {
  const { name, backend, labels, serving } = wishes;
  return {
    name,
    backend,
    labels,
    input: { name: "images", datatype: "UINT8", dims: [height, width, 3] },
    output: { name: "scores", datatype: "FP32", dims: [labels.length] },
    ...serving,
  };
}
