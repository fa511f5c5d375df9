import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

export interface CommandResult {
  code: number | null;
  output: string;
  errors: string;
}

/** Starts a command of the program, as a person would, in the given environment alone. */
export function startCommand(
  args: readonly string[],
  env: Record<string, string | undefined>,
): { child: ChildProcess; result: Promise<CommandResult> } {
  const child = spawn(process.execPath, [resolve("src/cli/main.ts"), ...args], {
    env: { PATH: process.env.PATH, METADATA_SERVER_DETECTION: "none", NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise<number | null>((done) => child.once("close", done));
  const result = Promise.all([code, text(child.stdout), text(child.stderr)]).then(([code, output, errors]) => ({
    code,
    output,
    errors,
  }));
  return { child, result };
}

export function runCommand(args: readonly string[], env: Record<string, string | undefined>): Promise<CommandResult> {
  return startCommand(args, env).result;
}
