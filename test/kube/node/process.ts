import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { guarded } from "../../../src/models/guarded.ts";
import type { Program } from "./programs.ts";

export interface Running {
  /** Resolves when it has ended. */
  ended: Promise<number>;
  /** What it said last, as Kubernetes keeps it of a container that failed. */
  lastLines(): string;
  stop(graceMs: number): Promise<void>;
}

/** As a kubelet with FallbackToLogsOnError. */
const lastLines = 80;
const lastBytes = 2_048;

/**
 * Starts a program that asks for names as this file says, in the place of /etc/resolv.conf: it needs root. It ends with its
 * starter, whatever becomes of that.
 */
export function startProcess({ program, args, env }: Program, resolver: string, say: (line: string) => void): Running {
  const mounted = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  const command = ["--mount", "--propagation", "private", "sh", "-c", mounted, resolver, program, ...args];
  const { program: guard, args: guardArguments } = guarded("unshare", command, "KILL");
  const child = spawn(guard, guardArguments, { env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on("line", (line) => {
      lines.push(line);
      if (lines.length > lastLines) lines.shift();
      say(line);
    });
  const ended = once(child, "close").then(([code]) => (typeof code === "number" ? code : 137));
  return {
    ended,
    lastLines: () => lines.join("\n").slice(-lastBytes),
    async stop(graceMs) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const killer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), graceMs);
      await ended;
      clearTimeout(killer);
    },
  };
}
