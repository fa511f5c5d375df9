import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

/** The package could not be had, or is not the one that was expected. */
class TarballError extends Error {
  readonly code = "tarball";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TarballError";
  }
}

/**
 * Downloads a package's tarball through npm, so that the user's registry and proxy settings hold; nothing is
 * installed and no script of it runs.
 * @param integrity what the tarball must hash to, as "sha512-<base64>"
 * @returns its files by their path inside the package
 * @throws TarballError
 */
export async function fetchNpmTarball(specifier: string, integrity: string): Promise<Map<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), "briareus-tarball-"));
  try {
    const tarball = await readFile(await pack(specifier, folder));
    const actual = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    if (actual !== integrity)
      throw new TarballError(
        `The tarball of ${specifier} is not the expected one: its integrity is ${actual} instead of ${integrity}. ` +
          "Check which registry npm uses (npm config get registry).",
      );
    return filesOf(gunzipSync(tarball));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(specifier: string, folder: string): Promise<string> {
  try {
    const options = { timeout: 300_000, maxBuffer: 16 << 20 };
    const args = ["pack", specifier, "--pack-destination", folder, "--json", "--loglevel", "error"];
    await promisify(execFile)("npm", args, options);
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new TarballError(`npm could not download ${specifier}: ${output || error}`, { cause: error });
  }
  return join(folder, `${specifier.replace("@", "-")}.tgz`);
}

/** Regular files of a tar archive (POSIX ustar: blocks of 512 bytes, a header before each file). */
function filesOf(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const textAt = (from: number, length: number) => archive.toString("utf8", from, from + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const name = textAt(at, 100);
    const sizeBytes = Number.parseInt(textAt(at + 124, 12), 8);
    const type = textAt(at + 156, 1);
    if (type === "0" || type === "")
      files.set(name.replace(/^[^/]*\//, ""), archive.subarray(at + 512, at + 512 + sizeBytes));
    at += 512 + Math.ceil(sizeBytes / 512) * 512;
  }
  return files;
}
