/**
 * `npm test`: type check, lint, unused code, generated documents, then all tests. Everything runs even when
 * something before it failed; the last line counts tests, and the exit code tells whether all was well.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";

const results = ".briareus/test-results.json";
mkdirSync(".briareus", { recursive: true });

const checks: [string, string[]][] = [
  ["tsc", []],
  ["tsc", ["-p", "src/console"]],
  ["tsc", ["-p", "test/tsconfig.browser.json"]],
  ["biome", ["ci", "--error-on-warnings", "."]],
  ["knip", []],
  ["node", ["scripts/generate-docs.ts", "--check"]],
];
const failed = checks
  .filter(([program, args]) => !succeeds(program, args))
  .map(([program, args]) => [program, ...args].join(" "));

const vitest = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const passed = succeeds("vitest", [...vitest, ...process.argv.slice(2)]);
const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(results, "utf8"));

for (const check of failed) console.error(`FAILED: ${check}`);
const failures = Math.max(numFailedTests, numFailedTests === 0 ? numFailedTestSuites : 0) + failed.length;
console.log(`${numPassedTests + checks.length - failed.length} passed, ${failures} failed`);
process.exitCode = failed.length === 0 && passed ? 0 : 1;

function succeeds(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: "inherit" }).status === 0;
}
