import { globSync, readFileSync } from "node:fs";

/** The processes that a process has begun and that still run, by Linux's /proc; elsewhere none are known. */
export function childrenOf(pid: number): number[] {
  return globSync(`/proc/${pid}/task/*/children`).flatMap((file) =>
    readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number),
  );
}
