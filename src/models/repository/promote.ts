import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configText, type ModelSettings } from "./config-text.ts";
import { fileHash } from "./folder-hash.ts";
import type { AccuracyReport, Manifest } from "./manifest.ts";
import type { StagedVersion } from "./stage-version.ts";
import { buildTensorRtPlan } from "./tensorrt-plan.ts";

/** A version whose model.onnx is staged, its manifest but for number and files, and how it is to be served. */
export interface Candidate {
  staged: StagedVersion;
  manifest: Manifest;
  settings: ModelSettings;
  repository: string;
  /** Where it goes if it is not promoted; must not exist. */
  rejectedFolder: string;
  /** trtexec, where it is not on the PATH. */
  trtexec?: string;
}

export interface Promotion {
  manifest: Manifest;
  /** Where the version lies: in the repository, or aside. */
  folder: string;
  promoted: boolean;
  /** Why it was not promoted, or that a config.pbtxt was left as it was. */
  notes: string[];
}

/** How far something is, for whoever waits; the clock. */
export interface Progress {
  onStep: (step: string, seconds: number) => void;
  signal?: AbortSignal;
  nowMs: () => number;
}

/**
 * Puts a version that keeps to its accuracy into the repository; another one aside, with its report. For TensorRT its
 * plan is built first.
 * @throws InstallError, ModelToolError
 */
export async function promote(candidate: Candidate, progress: Progress): Promise<Promotion> {
  const { staged, settings, repository, rejectedFolder } = candidate;
  const manifest: Manifest = { ...candidate.manifest };
  let refusal = manifest.accuracy && gate(manifest.accuracy);
  if (!refusal && settings.backend === "tensorrt") {
    manifest.tensorrt = await planStep(candidate, progress);
    const { ran, reason, command } = manifest.tensorrt;
    if (!ran) refusal = `the TensorRT step was not run: ${reason}. Where the plan is to serve, run: ${command}`;
  }
  const finish = async (version: number | null) => {
    const names = (await readdir(staged.folder)).filter((name) => name !== "manifest.json").toSorted();
    const hashes = names.map(async (name) => [name, await fileHash(join(staged.folder, name))] as const);
    Object.assign(manifest, { version, files: Object.fromEntries(await Promise.all(hashes)) });
    await writeFile(join(staged.folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  };
  if (refusal) {
    await finish(null);
    await staged.keep(rejectedFolder);
    return { manifest, folder: rejectedFolder, promoted: false, notes: [refusal] };
  }
  progress.signal?.throwIfAborted();
  const { version, configKept } = await staged.install(configText(settings), finish);
  const notes = configKept ? ["the model's config.pbtxt is left as it was"] : [];
  return { manifest, folder: join(repository, settings.name, String(version)), promoted: true, notes };
}

async function planStep({ staged, settings, trtexec }: Candidate, { onStep, signal, nowMs }: Progress) {
  const sinceMs = nowMs();
  const { input, maxBatchSize: max } = settings;
  const files = { onnx: join(staged.folder, "model.onnx"), plan: join(staged.folder, "model.plan") };
  const batch = { min: 1, opt: Math.ceil(max / 2), max };
  const outcome = await buildTensorRtPlan({ ...files, input, batch }, { program: trtexec, signal });
  if (outcome.ran) onStep("TensorRT plan", (nowMs() - sinceMs) / 1000);
  // Whoever runs it later does so in the version's folder.
  return { ...outcome, command: outcome.command.replaceAll(`${staged.folder}/`, "") };
}

/** Why a version may not serve in the place of its original; undefined when it may. */
function gate({ changed, count, changedShare, maxChangedShare, changedBy }: AccuracyReport): string | undefined {
  if (changedShare <= maxChangedShare) return undefined;
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const what = changedBy === "verdict" ? "are judged otherwise" : "have another top label";
  return `${changed} of ${count} pictures (${percent(changedShare)}) ${what}, and ${percent(maxChangedShare)} may`;
}
