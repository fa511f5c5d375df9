/**
 * Where a running `briareus up` can be found: a small file, so that `briareus publish` in a second terminal needs
 * no configuration.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { dataFolder } from "./data-folder.ts";

const RunningSystem = z.object({ pid: z.number(), environment: z.record(z.string(), z.string()) });

const file = () => join(dataFolder(), "running.json");

/** Says where this process's system is; the returned function takes that back. */
export function announceSystem(environment: Record<string, string>): () => void {
  mkdirSync(dataFolder(), { recursive: true });
  writeFileSync(file(), JSON.stringify({ pid: process.pid, environment }, null, 2), { mode: 0o600 });
  return () => rmSync(file(), { force: true });
}

/** The environment of the system that runs on this machine, if one does. */
function findRunningSystem(): Record<string, string> | undefined {
  try {
    const { pid, environment } = RunningSystem.parse(JSON.parse(readFileSync(file(), "utf8")));
    process.kill(pid, 0);
    return environment;
  } catch {
    return undefined; // No file, a half-written one, or the process is gone: nothing runs.
  }
}

/** The given environment, completed by that of the system that runs on this machine. What is set wins. */
export function withRunningSystem(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...findRunningSystem(), ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)) };
}
