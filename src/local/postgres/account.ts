/**
 * Postgres refuses to run as root. Started by root it runs under an account without rights, which then must be able
 * to reach the programs and the data; started by anybody else it runs as that user.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LocalSystemError } from "../local-system-error.ts";

/** undefined: the account of this process. */
export type Account = { uid: number; gid: number } | undefined;

/** "nobody" on every Linux. */
const withoutRights = { uid: 65_534, gid: 65_534 };

/**
 * @param home where the data lies, if there is any: what somebody else made stays theirs
 * @throws LocalSystemError on macOS as root, whose account without rights cannot be spawned
 */
export function accountFor(home: string): Account {
  if (process.getuid?.() !== 0) return undefined;
  if (process.platform !== "linux") {
    throw new LocalSystemError("Postgres cannot run as root: start as an ordinary user, or set DATABASE_URL");
  }
  return ownerOfData(home) ?? withoutRights;
}

/** Whether the account can go into the folder; asked of the system itself, since modes do not tell everything. */
export function canEnter(account: Account, folder: string): boolean {
  return succeedsAs(account, 'cd "$1"', folder);
}

/** Whether the account can run the Postgres in the folder and read what comes with it. */
export function canRun(account: Account, folder: string): boolean {
  return succeedsAs(account, '"$1/bin/postgres" --version && test -r "$1/share/postgresql/postgres.bki"', folder);
}

function succeedsAs(account: Account, script: string, argument: string): boolean {
  return spawnSync("sh", ["-c", script, "sh", argument], { ...account, cwd: "/", stdio: "ignore" }).status === 0;
}

function ownerOfData(home: string): Account {
  const owners = namesIn(home)
    .filter((name) => /^\d+$/.test(name))
    .map((major) => statSync(join(home, major, "data"), { throwIfNoEntry: false }))
    .flatMap((stat) => (stat && stat.uid !== 0 ? [{ uid: stat.uid, gid: stat.gid }] : []));
  return owners[0];
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
}
