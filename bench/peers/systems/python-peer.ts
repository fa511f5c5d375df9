import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../../src/local/free-port.ts";
import { guarded } from "../../../src/models/guarded.ts";
import { ensureEnvironment } from "../../../src/models/python/environment.ts";
import { loadPolicy } from "../../../src/policy/load-policy.ts";
import { descendants } from "../../process-figures.ts";
import { makeTimeline, readTimeline } from "../gpu-timeline.ts";
import { gpuBatch, gpuOf, labels } from "../setting.ts";
import type { StartOptions, SystemUnderTest } from "./system-under-test.ts";

export const pythonPeers = ["monolith", "gunicorn", "litserve", "mosec"] as const;
export type PythonPeer = (typeof pythonPeers)[number];

const folder = fileURLToPath(new URL("../python/", import.meta.url));
const startLimitMs = 60_000;

/** Starts one of the Python services; it is there when it listens. */
export async function startPythonPeer(name: PythonPeer, options: StartOptions): Promise<SystemUnderTest> {
  const environment = await ensureEnvironment("peers", { log: console.log });
  const port = await freePort();
  const scratch = await mkdtemp(join(tmpdir(), "briareus-peers-"));
  const timeline = join(scratch, "gpu");
  makeTimeline(timeline);
  const gpu = gpuOf(options.setting);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...environment.variables,
    PYTHONPATH: folder,
    PYTHONDONTWRITEBYTECODE: "1",
    OMP_NUM_THREADS: "1",
    TMPDIR: scratch,
    PEER_PORT: String(port),
    PEER_LABELS: labels.join(","),
    PEER_POLICY: JSON.stringify(await thresholds()),
    PEER_MODEL: options.model,
    // On a CPU large batches only cost.
    PEER_WORKERS: String(options.cores),
    PEER_INFERRERS: String(gpu ? 1 : options.cores),
    PEER_LOADERS: String(2 * options.cores),
    PEER_BATCH: String(gpu ? gpuBatch : 4),
    ...(gpu && { PEER_GPU: JSON.stringify({ ...gpu, timeline }) }),
  };
  // With its supervisor it ends too.
  const { program, args } = guarded(environment.python, commandOf(name, port, options.cores), "TERM");
  const child = spawn(program, args, { cwd: scratch, env, detached: true, stdio: ["pipe", "ignore", "pipe"] });
  const said: string[] = [];
  child.stderr.on("data", (text) => said.push(String(text)));
  try {
    await untilListening(child, port);
  } catch (error) {
    await end(child, scratch);
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}\n${said.join("").slice(-2_000)}`);
  }
  return {
    target: { kind: "http", url: `http://127.0.0.1:${port}/capture` },
    env: process.env,
    parts: () => [{ name, pids: [child.pid ?? 0, ...descendants(child.pid ?? 0)], outside: false }],
    gpuWork: () => (gpu ? readTimeline(timeline) : undefined),
    stop: () => end(child, scratch),
  };
}

function commandOf(name: PythonPeer, port: number, cores: number): string[] {
  const bind = `127.0.0.1:${port}`;
  const uvicorn = ["--host", "127.0.0.1", "--port", String(port), "--log-level", "warning", "--no-access-log"];
  const commands = {
    monolith: ["-m", "uvicorn", "monolith:app", ...uvicorn],
    gunicorn: ["-m", "gunicorn", "monolith:app", "-k", "uvicorn.workers.UvicornWorker", "-w", `${cores}`, "-b", bind],
    litserve: [join(folder, "litserve_peer.py")],
    mosec: [
      join(folder, "mosec_peer.py"),
      ...["--address", "127.0.0.1", "--port", String(port), "--timeout", "60000", "--capacity", "10000"],
      ...["--log-level", "warning"],
    ],
  };
  return commands[name];
}

/** The policy of briareus as far as one frame goes. */
async function thresholds(): Promise<{ category: string; label: string; threshold: number }[]> {
  const policy = await loadPolicy("policies/nsfw.yaml");
  return Object.entries(policy.categories).flatMap(([category, { labels }]) =>
    labels.map(({ label, threshold }) => ({ category, label, threshold })),
  );
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (const limitMs = Date.now() + startLimitMs; Date.now() < limitMs; ) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
    const answers = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } }).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it did not listen within ${startLimitMs} ms`);
}

/** Its whole process group, if need be: workers of some peers outlive their parent. */
async function end(child: ChildProcess, scratch: string): Promise<void> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve();
  child.kill("SIGTERM");
  const group = () => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // All have ended.
    }
  };
  const killer = setTimeout(group, 5_000);
  await gone;
  clearTimeout(killer);
  group();
  await rm(scratch, { recursive: true, force: true });
}
