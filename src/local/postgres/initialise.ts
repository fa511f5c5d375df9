import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { LocalSystemError } from "../local-system-error.ts";
import type { PostgresHome } from "./home.ts";

export interface Cluster {
  /** Postgres's data directory. */
  data: string;
  password: string;
}

/** Role and database of the same name. The role is no superuser, so that nothing here works that fails elsewhere. */
export const roleName = "briareus";

const unfinishedPrefix = "unfinished-";

/**
 * The cluster of this major version, made on the first call. It is made under another name and renamed when it is
 * whole, so what a killed process left half-done is never taken for one, and a whole one is never made again.
 * @param programs folder of bin/, lib/ and share/
 * @throws LocalSystemError where only data of another major version is there, or making it fails
 */
export function openCluster(home: PostgresHome, programs: string, major: number): Cluster {
  const folder = join(home.folder, String(major));
  removeUnfinished(home.folder);
  if (!existsSync(folder)) {
    refuseOtherVersion(home.folder, major);
    const unfinished = mkdtempSync(join(home.folder, unfinishedPrefix));
    makeCluster(unfinished, home, programs);
    renameSync(unfinished, folder);
  }
  const written = readFileSync(join(folder, "data", "PG_VERSION"), "utf8").trim();
  if (written !== String(major)) throw otherVersion(folder, written, major);
  return { data: join(folder, "data"), password: readFileSync(join(folder, "password"), "utf8") };
}

/** An initdb whose starter was killed may still be writing there: then the next start removes what is left. */
function removeUnfinished(home: string): void {
  for (const name of readdirSync(home).filter((each) => each.startsWith(unfinishedPrefix))) {
    try {
      rmSync(join(home, name), { recursive: true, force: true });
    } catch {
      // Something has just been written there.
    }
  }
}

function makeCluster(folder: string, { account }: PostgresHome, programs: string): void {
  const [data, passwordFile] = [join(folder, "data"), join(folder, "password")];
  mkdirSync(data);
  chmodSync(folder, 0o755);
  if (account) chownSync(data, account.uid, account.gid);
  const password = randomBytes(24).toString("hex");
  writeFileSync(passwordFile, password, { mode: 0o600 });

  const run = (program: string, args: string[], input?: string) => {
    const { status, stderr, error } = spawnSync(join(programs, "bin", program), args, {
      ...account,
      cwd: "/",
      input,
      encoding: "utf8",
    });
    if (status !== 0) throw new LocalSystemError(`${program} failed on ${data}: ${error?.message ?? stderr.trim()}`);
  };
  const superuser = "postgres";
  run("initdb", [`--pgdata=${data}`, `--username=${superuser}`, "--auth=reject", "--encoding=UTF8", "--no-locale"]);
  // From outside only the role gets in, with its password and from this machine.
  writeFileSync(join(data, "pg_hba.conf"), `host all ${roleName} 127.0.0.1/32 scram-sha-256\n`);
  run(
    "postgres",
    ["--single", "-D", data, "-c", "exit_on_error=on", superuser],
    `CREATE ROLE ${roleName} LOGIN CREATEDB PASSWORD '${password}'\nCREATE DATABASE ${roleName} OWNER ${roleName}\n`,
  );
}

function refuseOtherVersion(home: string, major: number): void {
  const other = readdirSync(home).find((name) => /^\d+$/.test(name));
  if (other !== undefined) throw otherVersion(join(home, other), other, major);
}

function otherVersion(folder: string, written: string, major: number): LocalSystemError {
  return new LocalSystemError(
    `${folder} was written by Postgres ${written}, and this is Postgres ${major}: take the data over as ` +
      "docs/database.md says, or move the folder away to begin with an empty database",
  );
}
