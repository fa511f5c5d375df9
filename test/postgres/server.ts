import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../../src/local/free-port.ts";
import { serverPid } from "../../src/local/postgres/earlier-server.ts";
import { type EmbeddedPostgres, prepareEmbeddedPostgres } from "../../src/local/postgres/embedded-postgres.ts";
import { childrenOf } from "../child-processes.ts";

export interface PostgresServer {
  /** Of its database `briareus`, as a role that may create others. */
  url: string;
  /** SIGKILL to all of it, as power loss ends it: what is not committed is lost, and connections break. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * An embedded Postgres of the caller's own, empty; it ends with this process in whatever way that ends.
 * @param settings.fsync off: for tests that lose no power
 */
export async function startPostgresServer(settings: { fsync?: "off" } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "briareus-postgres-"));
  chmodSync(folder, 0o755); // Started by root, it runs under an account that must get there.
  const embedded = await prepareEmbeddedPostgres(folder, await freePort());
  const more = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const start = () => launch(embedded, more);
  let child = await start();
  const end = async (ask: () => void) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    ask();
    await gone;
  };
  const kill = () =>
    end(() => {
      const server = serverPid(embedded.data) ?? Number.NaN;
      // Killed alone, it would leave sessions that may still commit before they see that it is gone. Stopped, it
      // begins no more of them, and none of their numbers becomes another's.
      process.kill(server, "SIGSTOP");
      for (const pid of [...childrenOf(server), server]) process.kill(pid, "SIGKILL");
    });
  const stop = async () => {
    await end(() => child.kill("SIGTERM"));
    embedded.release();
    rmSync(join(embedded.data, "../.."), { recursive: true, force: true }); // Elsewhere, if the folder is out of reach.
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    url: embedded.url,
    kill,
    async restart() {
      await kill();
      child = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Starts it until it answers: while children of one that was killed still end, Postgres does not start. */
async function launch({ program, args, account, url }: EmbeddedPostgres, more: string[]): Promise<ChildProcess> {
  for (;;) {
    const child = spawn(program, [...args, ...more], { ...account, stdio: ["pipe", "ignore", "pipe"] });
    const words: string[] = [];
    child.stderr.on("data", (chunk) => words.push(String(chunk)));
    while (child.exitCode === null) {
      if (await answers(url)) return child;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!words.join("").includes("still in use")) throw new Error(`Postgres cannot start: ${words.join("")}`);
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
