/**
 * What an earlier server left in the data directory. postmaster.pid names a process, and Postgres refuses to start
 * while one of that number lives. After a crash of the machine, and above all in a new container, that may be any
 * process at all.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalSystemError } from "../local-system-error.ts";
import { processArguments, processIdentity } from "./running-process.ts";

/** Longer than its guard, which may be at it already, gives it: 15 s at worst. */
const patienceMs = 20_000;
/** Above any number that a system gives to a process. */
const nobodysPid = 2 ** 31 - 1;

/**
 * Ends a server that outlived its supervisor, and corrects a file that names a process which is no server of this
 * data. Only for the owner of the folder: then nobody else can have started a server that is still wanted.
 * @throws LocalSystemError where that server does not end in time
 */
export async function clearEarlierServer(data: string): Promise<void> {
  const pid = serverPid(data);
  if (pid === undefined || processIdentity(pid) === undefined) return;
  if (!processArguments(pid).includes(data)) return nameNobody(data);
  askToEnd(pid);
  const limitMs = Date.now() + patienceMs;
  while (processIdentity(pid) !== undefined) {
    if (Date.now() > limitMs) {
      throw new LocalSystemError(`Postgres of an earlier run (process ${pid}) does not end: kill it, then start again`);
    }
    await sleep(50);
  }
}

/** The process in postmaster.pid, whether it runs or not. */
export function serverPid(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(data, "postmaster.pid"), "utf8"), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined; // It was shut down in order.
  }
}

function askToEnd(pid: number): void {
  try {
    process.kill(pid, "SIGINT");
  } catch {
    // It has just ended.
  }
}

/** Not deleted: its other lines let Postgres see whether children of that server still use its shared memory. */
function nameNobody(data: string): void {
  const file = join(data, "postmaster.pid");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^\d+/, String(nobodysPid)));
}
