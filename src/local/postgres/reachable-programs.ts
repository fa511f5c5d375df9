import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LocalSystemError } from "../local-system-error.ts";
import { canRun } from "./account.ts";
import type { PostgresHome } from "./home.ts";
import type { PostgresPrograms } from "./programs.ts";

/**
 * The folder of programs to run: the package's own, or, where the account cannot get there (a checkout below a home
 * that is closed to others), a copy beside the data. A copy of an earlier release is removed.
 * @throws LocalSystemError
 */
export function reachablePrograms({ folder, version }: PostgresPrograms, home: PostgresHome): string {
  if (canRun(home.account, folder)) return folder;
  const copy = join(home.folder, `programs-${version}`);
  if (canRun(home.account, copy)) return copy;
  for (const name of readdirSync(home.folder)) {
    if (name.startsWith("programs-")) rmSync(join(home.folder, name), { recursive: true });
  }
  const unfinished = `${copy}.new`;
  cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  spawnSync("chmod", ["-R", "a+rX", unfinished]);
  renameSync(unfinished, copy);
  if (!canRun(home.account, copy)) {
    throw new LocalSystemError(`Postgres cannot be run from ${copy} (mounted noexec?): set DATABASE_URL`);
  }
  return copy;
}
