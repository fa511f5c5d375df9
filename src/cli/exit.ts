/** Exit codes of every command; docs/commands.md lists them. */
export const exitCodes = {
  ok: 0,
  /** Something failed; the last line on standard error says what. */
  failed: 1,
  /** Wrong use: an unknown option, a wrong value, an invalid policy or environment variable. */
  usage: 2,
  /** Captures without a verdict in time. */
  incomplete: 3,
} as const;

/** Ends a command with one sentence for the person who typed it. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

const usageErrors = new Set(["ConfigError", "PolicyError"]);

/** The exit code for whatever a command threw; prints its message. */
export function report(error: unknown): number {
  const known = error instanceof CommandError || (error instanceof Error && usageErrors.has(error.name));
  process.stderr.write(`briareus: ${known ? (error as Error).message : inspect(error)}\n`);
  if (error instanceof CommandError) return error.exitCode;
  return known ? exitCodes.usage : exitCodes.failed;
}

function inspect(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env.BRIAREUS_LOG_LEVEL === "debug" ? (error.stack ?? error.message) : error.message;
}
