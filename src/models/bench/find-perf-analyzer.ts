import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ModelToolError } from "../model-tool-error.ts";
import { ensureEnvironment, type PythonEnvironment } from "../python/environment.ts";

/** Triton's load generator, ready to be run. */
export interface PerfAnalyzer {
  program: string;
  env: NodeJS.ProcessEnv;
  /** What it calls itself: "Perf Analyzer Version 2.51.0 (commit unknown)". */
  version: string;
}

/**
 * The program that PERF_ANALYZER names, else the one of the Python package tritonclient.
 * @throws ModelToolError where it cannot be had or does not run, saying what to install
 */
export async function findPerfAnalyzer(
  how: { log?: (line: string) => void; signal?: AbortSignal } = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<PerfAnalyzer> {
  const named = env.PERF_ANALYZER;
  const found = named ? { program: named, env } : await ofWheel(await ensureEnvironment("triton", how), env);
  const version = await versionOf(found, named ? `PERF_ANALYZER (${named})` : "perf_analyzer", how.signal);
  return { ...found, version };
}

/** @throws ModelToolError where it does not run */
async function versionOf(
  { program, env }: Omit<PerfAnalyzer, "version">,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, ["--version"], { env, signal });
    return (stdout + stderr).trim(); // It says so on standard error.
  } catch (error) {
    signal?.throwIfAborted();
    const said = error instanceof Error ? error.message : String(error);
    const [, library] = /error while loading shared libraries: ([^\s:]+)/.exec(said) ?? [];
    const advice = library?.startsWith("libb64") ? " (Debian and Ubuntu: apt-get install libb64-0d)" : "";
    const what = library ? `needs the library ${library}: install it${advice}` : `cannot be run: ${said}`;
    throw new ModelToolError(`${name} ${what}`, { cause: error });
  }
}

/** The wheel's program looks for a CUDA library, even on a CPU, by a name that no wheel gives it. */
async function ofWheel({ folder, bin, packages }: PythonEnvironment, env: NodeJS.ProcessEnv) {
  const libraries = join(folder, "perf-analyzer-libraries");
  const link = join(libraries, "libcudart.so.12");
  if (!existsSync(link)) {
    const bundled = join(packages, "nvidia_pytriton.libs");
    const library = (await readdir(bundled)).find((name) => /^libcudart-.*\.so\.12(\.|$)/.test(name));
    if (library === undefined) throw new ModelToolError(`${bundled} has no libcudart.so.12`);
    await mkdir(libraries, { recursive: true });
    await symlink(join(bundled, library), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error; // Another process was quicker.
    });
  }
  const path = [libraries, env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return { program: join(bin, "perf_analyzer"), env: { ...env, LD_LIBRARY_PATH: path } };
}
