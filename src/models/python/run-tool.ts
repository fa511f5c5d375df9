import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { ModelToolError } from "../model-tool-error.ts";

export interface ToolOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  signal?: AbortSignal;
  /** Each line of standard output as it comes. */
  onLine?: (line: string) => void;
  /** What it is, for the message when it fails; its program's name unless said. */
  name?: string;
}

/** So much of what a failing tool said is told. */
const tailLines = 12;

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws ModelToolError with the last lines of what it said, where it fails or cannot be started
 */
export async function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { env = process.env, cwd, signal, onLine, name = basename(program) } = options;
  const child = spawn(program, args, { env, cwd, signal, stdio: ["ignore", "pipe", "pipe"], killSignal: "SIGKILL" });
  const output: string[] = [];
  const tail: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    output.push(line);
    onLine?.(line);
  });
  createInterface(child.stderr).on("line", (line) => {
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
  });
  const [code, killedBy] = await once(child, "close").catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new ModelToolError(`${name} cannot be started (${error instanceof Error ? error.message : error})`);
  });
  signal?.throwIfAborted();
  if (code === 0) return output.join("\n");
  const said = tail.length > 0 ? tail : output.slice(-tailLines);
  throw new ModelToolError(`${name} failed (${killedBy ?? `exit code ${code}`}):\n${said.join("\n")}`);
}
