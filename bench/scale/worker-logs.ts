import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Line = z.object({ time: z.string(), msg: z.string() });

/**
 * When a worker process that was started at a moment was ready, which is when it took its first job if there was
 * one, and when it had finished that, as its log of level debug says; undefined: never.
 */
export function readWorkerLog(logFolder: string, name: string, startedAtMs: number) {
  const lines = readFileSync(join(logFolder, `${name}.log`), "utf8")
    .trim()
    .split("\n");
  const firstAtMs = (message: string) =>
    lines
      .map((line) => Line.safeParse(parsed(line)).data)
      .filter((line) => line?.msg === message)
      .map((line) => Date.parse(line?.time ?? ""))
      .find((atMs) => atMs >= startedAtMs);
  return { readyAtMs: firstAtMs("worker ready"), firstBatchAtMs: firstAtMs("batch handed on") };
}

/** What Node itself prints is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
