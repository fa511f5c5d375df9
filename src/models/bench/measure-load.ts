import { readFile, rm, writeFile } from "node:fs/promises";
import { ModelToolError } from "../model-tool-error.ts";
import { runTool } from "../python/run-tool.ts";
import { BenchError } from "./bench-error.ts";
import type { PerfAnalyzer } from "./find-perf-analyzer.ts";
import { loadInWords } from "./load.ts";
import type { Measurement, Overloaded } from "./measurement.ts";
import { type LevelOptions, perfArguments, requestIntervals } from "./perf-arguments.ts";
import { parsePerfReport } from "./perf-report.ts";

/**
 * Runs perf_analyzer once: one model under one load.
 * @throws BenchError when the load cannot be measured; the signal's reason when it is aborted
 */
export async function measureLoad(
  { program, env }: PerfAnalyzer,
  options: LevelOptions,
  signal?: AbortSignal,
): Promise<Measurement | Overloaded> {
  const { load, seconds, reportFile, intervalsFile } = options;
  await rm(reportFile, { force: true });
  if (load.kind === "rate") await writeFile(intervalsFile, `${requestIntervals(load.perSecond, seconds).join("\n")}\n`);
  let output: string;
  try {
    output = await runTool(program, perfArguments(options), { env, signal, name: "perf_analyzer" });
  } catch (error) {
    if (!(error instanceof ModelToolError)) throw error;
    return outcomeOf(error, options);
  }
  return parsePerfReport(await readFile(reportFile, "utf8"), output);
}

/** What perf_analyzer's last words mean. @throws BenchError in every other case than a full queue */
function outcomeOf(error: ModelToolError, { model, address, load, seconds }: LevelOptions): Overloaded {
  const { message } = error;
  const refuse = (what: string) => new BenchError(`${model}, ${loadInWords(load)}: ${what}`, { cause: error });
  if (/exceeds maximum queue size/i.test(message)) return { outcome: "overloaded" };
  if (/no valid requests recorded/i.test(message))
    throw refuse(`no request was answered within a third of ${seconds} s: give it more with --seconds`);
  if (/socket closed|failed to connect|connection re(fused|set)|stream removed/i.test(message))
    throw refuse(`the server at ${address} went away`);
  throw refuse(`perf_analyzer failed: ${reasonIn(message)}`);
}

/** The line that names an error; each thread has one of its own, and the first lines only say that something failed. */
function reasonIn(message: string): string {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  const named = lines.map((line) => /(?:had error:|^error:) *(?:\[request id: [^\]]*\] *)?(.+)/i.exec(line)?.[1]);
  return named.find((each) => each !== undefined) ?? lines.slice(1).join("; ") ?? message;
}
