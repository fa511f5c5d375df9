import { spawnSync } from "node:child_process";
import { guarded } from "../models/guarded.ts";

/**
 * How to run an empty Redis of our own on a port: without persistence, since it is transport only, and never
 * evicting. Native where there is a server program, else by Docker; undefined where there is neither.
 */
export function redisProgram(port: number): { program: string; args: string[] } | undefined {
  const storage = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
  const server = ["redis-server", "valkey-server"].find((name) => succeeds("sh", ["-c", `command -v ${name}`]));
  if (server) {
    const address = ["--port", String(port), "--bind", "127.0.0.1", "--dir", "/tmp"];
    return guarded(server, [...address, ...storage], "KILL");
  }
  if (!succeeds("docker", ["info"])) return undefined;
  const container = ["run", "--rm", "--init", "--publish", `127.0.0.1:${port}:6379`, "redis:8-alpine", "redis-server"];
  return { program: "docker", args: [...container, ...storage] };
}

const succeeds = (program: string, args: string[]) => spawnSync(program, args, { stdio: "ignore" }).status === 0;
