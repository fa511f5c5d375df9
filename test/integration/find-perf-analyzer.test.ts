import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPerfAnalyzer } from "../../src/models/bench/find-perf-analyzer.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-perf-analyzer-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program in the place of perf_analyzer. */
async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

test("PERF_ANALYZER names the program, which is asked for its version", async () => {
  const path = await program("fine", "echo 'Perf Analyzer Version 9.9' >&2");
  const found = await findPerfAnalyzer({}, { ...process.env, PERF_ANALYZER: path });
  expect(found).toMatchObject({ program: path, version: "Perf Analyzer Version 9.9" });
});

test.each([
  ["libb64.so.0d", /needs the library libb64\.so\.0d: install it \(Debian and Ubuntu: apt-get install libb64-0d\)$/],
  ["libcudart.so.12", /needs the library libcudart\.so\.12: install it$/],
])("without the library %s it says what to install", async (library, words) => {
  const said = `$0: error while loading shared libraries: ${library}: cannot open shared object file: No such file`;
  const path = await program(`without-${library}`, `echo "${said}" >&2; exit 127`);
  await expect(findPerfAnalyzer({}, { ...process.env, PERF_ANALYZER: path })).rejects.toMatchObject({
    code: "model-tool",
    message: expect.stringMatching(words),
  });
});

test("a program that is not there, or fails, is named", async () => {
  for (const path of [join(folder, "nowhere"), await program("broken", "exit 1")])
    await expect(findPerfAnalyzer({}, { ...process.env, PERF_ANALYZER: path })).rejects.toMatchObject({
      code: "model-tool",
      message: expect.stringContaining(`PERF_ANALYZER (${path}) cannot be run: `),
    });
});
