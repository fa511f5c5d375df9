import { execFile } from "node:child_process";

/**
 * Runs a program in the repository's root and gives its standard output.
 * @throws Error with what it printed, where it fails, or that it is missing
 */
export function runProgram(
  program: string,
  parameters: readonly string[],
  input = "",
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: new URL("../..", import.meta.url), maxBuffer: 256 << 20, env };
    const child = execFile(program, parameters, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.code === "ENOENT") reject(new MissingProgram(program));
      else reject(new Error(`${program} ${parameters.join(" ")} failed: ${stderr || stdout || error.message}`));
    });
    // A program that ends without reading its input is told of by its exit status.
    child.stdin?.on("error", () => undefined).end(input);
  });
}

export class MissingProgram extends Error {
  constructor(program: string) {
    super(`there is no ${program} on PATH; docs/kubernetes.md says what the tests of the chart need`);
    this.name = "MissingProgram";
  }
}
