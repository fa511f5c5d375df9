import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LocalSystemError } from "../local-system-error.ts";
import { processIdentity } from "./running-process.ts";

const Owner = z.object({ pid: z.number(), identity: z.string() });

/**
 * Makes this process the owner of the folder until the returned function is called or the process ends, in
 * whatever way: a claim of a process that is gone, or whose number another one has now, counts for nothing.
 * @throws LocalSystemError while another process owns it
 */
export function claimPostgres(folder: string): () => void {
  const file = join(folder, "owner.json");
  const draft = `${file}.${process.pid}`;
  const identity = processIdentity(process.pid);
  writeFileSync(draft, JSON.stringify({ pid: process.pid, identity }));
  try {
    const owner = runningOwner(file);
    if (owner !== undefined) throw inUse(folder, owner);
    rmSync(file, { force: true });
    linkSync(draft, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw inUse(folder, runningOwner(file)); // Somebody was quicker.
    throw error;
  } finally {
    rmSync(draft);
  }
  return () => rmSync(file, { force: true });
}

function inUse(folder: string, pid: number | undefined): LocalSystemError {
  return new LocalSystemError(
    `process ${pid} runs with the same data (${folder}): stop it first, or set BRIAREUS_DATA to another folder`,
  );
}

const errorCode = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

function runningOwner(file: string): number | undefined {
  try {
    const { pid, identity } = Owner.parse(JSON.parse(readFileSync(file, "utf8")));
    return processIdentity(pid) === identity ? pid : undefined;
  } catch {
    return undefined; // Nobody claimed it.
  }
}
