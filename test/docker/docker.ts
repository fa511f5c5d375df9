import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

/**
 * Runs `docker ARGUMENTS` in the repository's root and gives its standard output.
 * @throws Error with what docker printed, where it fails or is missing
 */
export async function docker(parameters: string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await execFileAsync("docker", parameters, {
      cwd: new URL("../..", import.meta.url),
      env: { ...process.env, ...env },
      maxBuffer: 64 << 20,
    });
    return stdout;
  } catch (error) {
    throw new Error(`docker ${parameters.join(" ")} failed: ${whatItSaid(error)}`, { cause: error });
  }
}

function whatItSaid(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ENOENT")
    return "there is no docker program; install Docker to run these tests";
  return "stderr" in error && error.stderr ? String(error.stderr) : error.message;
}
