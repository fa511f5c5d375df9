/**
 * Python environments with pinned packages, made on first use and then shared by every checkout:
 *
 *     absent ──► being made in a folder of its own ──(a link gets its name)──► ready
 *                 └──the maker dies──► left, and removed by a later maker
 *
 * The link is what makes it right when several processes make one at once. The lock only spares them the download.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ModelToolError } from "../model-tool-error.ts";
import { cacheFolder } from "./cache-folder.ts";
import { findInterpreter, type Interpreter } from "./interpreter.ts";
import { runTool } from "./run-tool.ts";

/** What is in each: requirements/NAME.in; its hashes: requirements/NAME.txt. */
export type EnvironmentName = "triton" | "conversion" | "peers" | "envoy";

export interface PythonEnvironment {
  /** Its folder, with room for what belongs to it. */
  folder: string;
  /** Programs: python, pip and those of its packages. */
  bin: string;
  python: string;
  /** "3.11" */
  version: string;
  /** Where its packages lie. */
  packages: string;
  /** For processes that must find it first. */
  variables: Record<string, string>;
}

const requirementsFolder = fileURLToPath(new URL("requirements/", import.meta.url));
const sizes: Record<EnvironmentName, string> = {
  triton: "100 MB",
  conversion: "350 MB",
  peers: "150 MB",
  envoy: "35 MB",
};

/**
 * Makes the environment, unless it is there. Processes that want the same one wait for the one that makes it.
 * @throws ModelToolError where there is no Python for it, no package index, or the platform has no wheels
 */
export async function ensureEnvironment(
  name: EnvironmentName,
  { log = () => undefined, signal }: { log?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<PythonEnvironment> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new ModelToolError(
      `the pinned Python packages are for Linux x86-64, and this is ${process.platform} ${process.arch}: use a container`,
    );
  const requirements = join(requirementsFolder, `${name}.txt`);
  const interpreter = findInterpreter();
  const hash = createHash("sha256").update(readFileSync(requirements)).update(interpreter.version).digest("hex");
  const link = join(cacheFolder(), "python", `${name}-${hash.slice(0, 12)}`);
  if (!existsSync(link)) {
    mkdirSync(dirname(link), { recursive: true });
    const release = await claim(`${link}.lock`, signal);
    try {
      if (!existsSync(link)) {
        log(`Making the Python environment "${name}" (downloads ${sizes[name]})`);
        removeLeftovers(link);
        const folder = mkdtempSync(`${link}.`);
        await make(folder, requirements, interpreter, signal);
        symlinkSync(folder, `${folder}.link`);
        renameSync(`${folder}.link`, link);
      }
    } finally {
      release();
    }
  }
  return described(realpathSync(link), interpreter.version);
}

/** What makers left that died; one may still be at it for a while on a slow line. */
function removeLeftovers(link: string): void {
  const old = Date.now() - 24 * 3_600_000;
  for (const name of readdirSync(dirname(link)).filter((each) => each.startsWith(`${basename(link)}.`))) {
    const path = join(dirname(link), name);
    if (!name.endsWith(".lock") && statSync(path).mtimeMs < old) rmSync(path, { recursive: true, force: true });
  }
}

async function make(folder: string, requirements: string, { program }: Interpreter, signal?: AbortSignal) {
  await runTool(program, ["-m", "venv", folder], { signal, name: `${program} -m venv` }).catch((error: unknown) => {
    if (!(error instanceof ModelToolError)) throw error;
    throw new ModelToolError(`${error.message}\nDebian and Ubuntu have it in the package python3-venv`);
  });
  // --no-deps: the requirements name everything, and only what our use of a package needs.
  const install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
  const args = ["-m", "pip", ...install, "--require-hashes", "--requirement", requirements];
  await runTool(join(folder, "bin/python"), args, { signal, name: "pip install" });
}

function described(folder: string, version: string): PythonEnvironment {
  const bin = join(folder, "bin");
  return {
    folder,
    bin,
    python: join(bin, "python"),
    version,
    packages: join(folder, "lib", `python${version}`, "site-packages"),
    variables: { PATH: `${bin}:${process.env.PATH ?? ""}`, VIRTUAL_ENV: folder, PYTHONNOUSERSITE: "1" },
  };
}

/** Waits while a living process holds it. @returns the way to give it back */
async function claim(file: string, signal?: AbortSignal): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!isRunning(ownerOf(file))) rmSync(file, { force: true });
    else await sleep(200, undefined, { signal });
  }
}

function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return Number.NaN;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
