import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** What tells a process from a later one of the same number: when it was started. undefined: it does not run. */
export function processIdentity(pid: number): string | undefined {
  if (!existsSync("/proc/self/stat")) return ps(pid, "lstart=");
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name in brackets may hold anything; after it come the state and, 19 fields later, the start since boot.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!fields || fields[0] === "Z") return undefined;
  return `${readIfThere("/proc/sys/kernel/random/boot_id")?.trim()} ${fields[19]}`;
}

/** The arguments with which a process was started, in one line; empty where it does not run. */
export function processArguments(pid: number): string {
  if (!existsSync("/proc/self/stat")) return ps(pid, "args=") ?? "";
  return readIfThere(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim() ?? "";
}

function ps(pid: number, field: string): string | undefined {
  const { status, stdout } = spawnSync("ps", ["-o", field, "-p", String(pid)], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
