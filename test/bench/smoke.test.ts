/** Each benchmark runs to its end and writes figures; how good they are is nobody's claim here. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

async function resultsOf(program: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [program, ...args, "--quick"], { maxBuffer: 16 << 20 });
  const file = /written to (\S+\.json)/.exec(stdout)?.[1];
  if (!file) throw new Error(`no results were written:\n${stdout}`);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Every number in it, however deep. NaN and infinity are null in JSON. */
function numbersIn(value: unknown): (number | null)[] {
  if (value === null || typeof value === "number") return [value];
  if (typeof value !== "object") return [];
  return Object.values(value).flatMap(numbersIn);
}

test.each(["transport", "stages", "preprocess", "end-to-end", "review-intake", "console", "scale"])(
  "bench %s",
  async (name) => {
    const numbers = numbersIn((await resultsOf("bench/main.ts", name))[name]);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).not.toContain(null);
  },
);
