import { join } from "node:path";
import type { Account } from "./account.ts";
import { claimPostgres } from "./claim.ts";
import { clearEarlierServer } from "./earlier-server.ts";
import { postgresGuard } from "./guard.ts";
import { openPostgresHome } from "./home.ts";
import { openCluster, roleName } from "./initialise.ts";
import { findPostgresPrograms } from "./programs.ts";
import { reachablePrograms } from "./reachable-programs.ts";

export interface EmbeddedPostgres {
  url: string;
  /** The server's data directory. */
  data: string;
  /** Runs the server until it gets SIGTERM, or until its standard input closes. */
  program: string;
  args: readonly string[];
  /** Whom the program must be spawned as. */
  account: Account;
  /** Call it when the server has ended, so that another process can have the data. */
  release(): void;
}

/** Modest, for a machine that does other work too; what is committed is on the disk. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "50",
  shared_buffers: "64MB",
  fsync: "on",
  // Nothing replicates from here.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "256MB",
  io_method: "sync",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
};

/**
 * A Postgres of our own, its data in the data folder and kept between runs. Makes everything ready, so that the
 * program need only be started, and again whenever it ends.
 * @throws LocalSystemError where there are no programs for this platform, or the data is another process's, of
 * another version or out of reach
 */
export async function prepareEmbeddedPostgres(dataFolder: string, port: number): Promise<EmbeddedPostgres> {
  const found = findPostgresPrograms();
  const home = openPostgresHome(dataFolder);
  const release = claimPostgres(home.folder);
  try {
    const programs = reachablePrograms(found, home);
    const { data, password } = openCluster(home, programs, found.major);
    await clearEarlierServer(data);
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = [join(programs, "bin", "postgres"), "-D", data, "-p", String(port), ...options];
    return {
      url: `postgres://${roleName}:${password}@127.0.0.1:${port}/${roleName}`,
      data,
      program: "sh",
      args: ["-c", postgresGuard, "postgres", ...server],
      account: home.account,
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}
