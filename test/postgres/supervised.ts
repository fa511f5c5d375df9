import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import pg from "pg";
import { serverPid } from "../../src/local/postgres/earlier-server.ts";
import { processIdentity } from "../../src/local/postgres/running-process.ts";
import { childrenOf } from "../child-processes.ts";
import { until } from "../system.ts";

export interface SupervisedPostgres {
  url: string;
  data: string;
  supervisor: number;
  guard: number;
  server(): number;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** The processes of now that are still there when it is asked: supervisor, guard, server and its children. */
  remember(): () => number[];
  /** Asks the supervisor to end. @returns its exit code */
  stop(): Promise<number>;
}

export interface HowToStart {
  checkout?: string;
  node?: string;
  account?: { uid: number; gid: number };
}

/** @throws Error with what the supervisor said, where it ends instead */
export async function supervisePostgres(dataFolder: string, how: HowToStart = {}): Promise<SupervisedPostgres> {
  const program = join(how.checkout ?? resolve("."), "test/postgres/supervisor.ts");
  const child = spawn(how.node ?? process.execPath, [program, dataFolder], {
    ...how.account,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const words = text(child.stderr);
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended.then(() => [undefined])]);
  if (line === undefined) throw new Error((await words).trim());
  const { url, data, guard } = JSON.parse(line);
  const supervisor = Number(child.pid);
  const server = () => serverPid(data) ?? Number.NaN;
  await untilItAnswers(url);
  return {
    url,
    data,
    guard,
    supervisor,
    server,
    query: (sql) => query(url, sql),
    remember() {
      const identities = new Map<number, string>();
      for (const pid of [supervisor, guard, server(), ...childrenOf(server())]) {
        const identity = processIdentity(pid);
        // A session's process that is just ending has none any more.
        if (identity !== undefined) identities.set(pid, identity);
      }
      return () => [...identities].filter(([pid, identity]) => processIdentity(pid) === identity).map(([pid]) => pid);
    },
    async stop() {
      child.kill("SIGTERM");
      const [code] = await ended;
      return code;
    },
  };
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export async function untilItAnswers(url: string): Promise<void> {
  let trouble: unknown;
  const answers = async () => {
    try {
      await query(url, "SELECT 1");
      return true;
    } catch (error) {
      trouble = error;
      return false;
    }
  };
  await until(answers, 20_000, () => String(trouble));
}
