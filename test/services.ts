/**
 * Where tests get their servers: from testcontainers where a Docker daemon answers, else the same real
 * program started natively. Where neither can be had the test fails: nothing is skipped.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../src/local/free-port.ts";

export { startPostgres } from "./postgres/database.ts";
export { startPostgresServer } from "./postgres/server.ts";

export interface RedisService {
  url: string;
  port: number;
  /** SIGKILL: everything in it is lost. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
  /** Stops it in its tracks (SIGSTOP): connections stay open and nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A Redis of the test's own: empty, without persistence, never evicting.
 * @param options.native for benchmarks: a process of this machine, without a container's network in between
 * @param options.persistent it comes back from a kill with all that it had said yes to
 */
export async function startRedis(options: { native?: boolean; persistent?: boolean } = {}): Promise<RedisService> {
  const port = await freePort();
  const inDocker = !options.native && (await dockerAnswers());
  const folder = options.persistent && !inDocker ? mkdtempSync(join(tmpdir(), "briareus-redis-")) : undefined;
  const args = [...redisArguments, "--appendonly", options.persistent ? "yes" : "no", "--appendfsync", "always"];
  const controls = inDocker
    ? await redisInDocker(port, args)
    : await redisAsProcess(port, folder ? [...args, "--dir", folder] : args);
  const stop = async () => {
    await controls.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  };
  const service = { ...controls, stop };
  await untilItAnswers(port);
  return { ...service, [Symbol.asyncDispose]: service.stop };
}

type Controls = Omit<RedisService, typeof Symbol.asyncDispose>;

const redisArguments = ["--save", "", "--maxmemory-policy", "noeviction"];

async function redisAsProcess(port: number, args: readonly string[]): Promise<Controls> {
  const program = findOnPath("redis-server") ?? findOnPath("valkey-server");
  if (!program)
    throw new Error("No Redis for the tests: start Docker, or install redis-server (apt-get install redis-server)");
  const start = () => {
    const child = spawn(program, ["--port", String(port), "--bind", "127.0.0.1", ...args], {
      stdio: "ignore",
    });
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.removeListener("exit", end));
    return child;
  };
  let child = start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      await kill();
      child = start();
      await untilItAnswers(port);
    },
    pause: async () => void child.kill("SIGSTOP"),
    resume: async () => void child.kill("SIGCONT"),
    stop: kill,
  };
}

async function redisInDocker(port: number, args: readonly string[]): Promise<Controls> {
  const { GenericContainer, getContainerRuntimeClient } = await import("testcontainers");
  const container = await new GenericContainer("redis:8-alpine")
    .withExposedPorts({ container: 6379, host: port })
    .withCommand(["redis-server", ...args])
    .start();
  const { container: containers } = await getContainerRuntimeClient();
  const handle = containers.getById(container.getId());
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: async () => void (await handle.kill({ signal: "SIGKILL" })),
    restart: async () => {
      await handle.kill({ signal: "SIGKILL" }).catch(() => undefined);
      await handle.wait({ condition: "not-running" });
      await handle.start();
      await untilItAnswers(port);
    },
    pause: async () => void (await handle.pause()),
    resume: async () => void (await handle.unpause()),
    stop: async () => void (await container.stop({ timeout: 0 })),
  };
}

async function untilItAnswers(port: number): Promise<void> {
  const client = new Redis(port, "127.0.0.1", {
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
    connectTimeout: 1000,
  });
  client.on("error", () => undefined);
  await client.ping();
  client.disconnect();
}

async function dockerAnswers(): Promise<boolean> {
  if (!process.env.DOCKER_HOST && !existsSync("/var/run/docker.sock")) return false;
  const child = spawn("docker", ["info"], { stdio: "ignore", timeout: 5000 });
  const [code] = await Promise.race([once(child, "exit"), once(child, "error").then(() => [1])]);
  return code === 0;
}

function findOnPath(program: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(":")
    .map((folder) => `${folder}/${program}`)
    .find(existsSync);
}
