import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LocalSystemError } from "../local-system-error.ts";
import { type Account, accountFor, canEnter } from "./account.ts";

export interface PostgresHome {
  /** Holds a folder of data per major version. */
  folder: string;
  account: Account;
}

/** Survives restarts of the machine, and every account can reach it. */
const elsewhere = "/var/lib/briareus-";

/**
 * `postgres` in the data folder. Where Postgres must run under an account that cannot get there, because a folder
 * above is closed to others, that is a link to a folder of its own below /var/lib.
 * @throws LocalSystemError where there is data already that the account cannot reach
 */
export function openPostgresHome(dataFolder: string): PostgresHome {
  mkdirSync(dataFolder, { recursive: true });
  const path = join(dataFolder, "postgres");
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink()) mkdirSync(resolve(dataFolder, readlinkSync(path)), { recursive: true });
  const account = accountFor(path);
  if (!entry) {
    if (canEnter(account, dataFolder)) mkdirSync(path);
    else symlinkSync(makeElsewhere(dataFolder), path);
    chmodSync(path, 0o755);
  }
  const folder = realpathSync(path);
  if (!account && !isWritable(folder)) {
    throw new LocalSystemError(
      `${path} belongs to another user: start as that user, or set BRIAREUS_DATA or DATABASE_URL`,
    );
  }
  if (!canEnter(account, folder)) {
    throw new LocalSystemError(
      `Postgres runs as uid ${account?.uid} when root starts it, and cannot reach its data in ${folder}: ` +
        "open the folders above it (chmod a+x), move it to where others may go and leave a link, or set DATABASE_URL",
    );
  }
  return { folder, account };
}

function makeElsewhere(dataFolder: string): string {
  try {
    return mkdtempSync(elsewhere);
  } catch (error) {
    throw new LocalSystemError(
      `Postgres cannot reach ${dataFolder}, which is closed to others, nor keep its data in ${dirname(elsewhere)} ` +
        `(${error instanceof Error ? error.message : error}): set BRIAREUS_DATA to an open folder, or set DATABASE_URL`,
      { cause: error },
    );
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
