import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const sources = fileURLToPath(new URL(".", import.meta.url));
const binFolder = fileURLToPath(new URL("../../.briareus/bin/", import.meta.url));
const run = promisify(execFile);

/** Google's own in-memory Pub/Sub, the second implementation that the client suite runs against. */
export async function startPstest(): Promise<{ address: string; stop(): Promise<void> }> {
  const child = spawn(await buildPstest(), { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(([code]) => Promise.reject(new Error(`pstest ended with code ${code} before it listened`))),
  ]);
  return {
    address: String(line),
    stop: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Where Go is missing its tests are left out, but never in CI: there they fail. */
export async function pstestIsWanted(): Promise<boolean> {
  if (process.env.CI) return true;
  return run("go", ["version"]).then(
    () => true,
    () => false,
  );
}

/** The program's path; it is built once for each state of its sources. */
async function buildPstest(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "main.go"]) hash.update(await readFile(`${sources}${file}`));
  const program = `${binFolder}pstest-${hash.digest("hex").slice(0, 12)}`;
  if (existsSync(program)) return program;
  await mkdir(binFolder, { recursive: true });
  await run("go", ["build", "-o", program, "."], { cwd: sources }).catch((error) => {
    throw new Error(`Google's fake Pub/Sub of the tests could not be built: is Go installed? ${error.message}`);
  });
  return program;
}
