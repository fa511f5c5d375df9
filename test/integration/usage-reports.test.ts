import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { dataFolder } from "../../src/local/data-folder.ts";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";

test("the model server leaves no trace of usage reports to the maker of ONNX Runtime", async () => {
  const repository = join(dataFolder(), "models");
  await ensureDemoModel(repository);
  const home = await mkdtemp(join(tmpdir(), "briareus-home-"));
  // ONNX Runtime reports nothing where CI is set, and keeps its device's identifier in the home folder.
  const env = { PATH: process.env.PATH, HOME: home };
  const options = ["--repository", repository, "--port", "0", "--metrics-port", "0", "--threads", "1"];
  const server = spawn(process.execPath, ["src/cli/main.ts", "model-server", ...options], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const lines: string[] = [];
    for await (const line of createInterface(server.stderr)) {
      lines.push(line);
      if (line.includes("model server ready")) break;
    }
    expect(lines.at(-1)).toContain("model server ready");
    expect(await readdir(home, { recursive: true })).toEqual([]);
  } finally {
    server.kill("SIGKILL");
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    await rm(home, { recursive: true, force: true });
  }
});
