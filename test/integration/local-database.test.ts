/** The database as part of the whole system, and what commands find out about it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askDatabase } from "../../src/cli/diagnose-database.ts";
import { loadSettings } from "../../src/config/settings.ts";
import { openDatabase } from "../../src/review/database/connection.ts";
import { migrateToLatest } from "../../src/review/database/migrate.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { runCommand } from "../command.ts";
import { query, untilItAnswers } from "../postgres/supervised.ts";
import { startPostgres } from "../services.ts";
import { type System, startSystem } from "../system.ts";

describe("a local system with reviews", () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ review: true });
    await untilItAnswers(url());
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  const url = () => String(system.local.environment.DATABASE_URL);
  const command = (...args: string[]) => runCommand(args, { BRIAREUS_DATA: process.env.BRIAREUS_DATA });

  test("is found by commands in other terminals, which show no password", async () => {
    const { output } = await command("config", "--json");
    const row = JSON.parse(output).find(({ name }: { name: string }) => name === "DATABASE_URL");
    const { port, password } = new URL(url());
    expect(row.value).toBe(`postgres://briareus:***@127.0.0.1:${port}/briareus`);
    expect(password).toMatch(/^\w{48}$/);
    expect(output).not.toContain(password);
  });

  test("has a database with which the doctor is content", async () => {
    // Review makes its tables while it starts.
    await expect
      .poll(async () => (await command("doctor")).output)
      .toMatch(/^ok {4}database: Postgres \d+\.\d+, briareus may create tables; review's are up to date$/m);
    expect(await query(url(), "SELECT 1 FROM pg_class WHERE relname = 'briareus_doctor'")).toEqual([]);
  });
});

test("a local system uses the database that DATABASE_URL names, and starts none", async () => {
  await using database = await startPostgres();
  await using system = await startSystem({ review: true, env: { DATABASE_URL: database.url } });
  expect(system.local.environment).not.toHaveProperty("DATABASE_URL");
  expect(system.local.processes.map(({ name }) => name)).not.toContain("postgres");
});

describe("the doctor", () => {
  test("says so when nothing may be written", async () => {
    await using database = await startPostgres();
    const name = new URL(database.url).pathname.slice(1);
    await query(database.url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await expect(askDatabase(database.url)).rejects.toThrow("cannot execute CREATE TABLE in a read-only transaction");
  });

  test("says how far review's tables are, and that a newer release's are none for this one", async () => {
    await using database = await startPostgres();
    expect(await askDatabase(database.url)).toContain("; review makes its own when it first starts");
    const db = openDatabase(database.url, { log: createLogger({ level: "silent", role: "test" }) });
    await migrateToLatest(db).finally(() => db.destroy());
    expect(await askDatabase(database.url)).toContain("; review's are up to date");
    await query(database.url, "INSERT INTO kysely_migration VALUES ('9999-later', now()::text)");
    await expect(askDatabase(database.url)).rejects.toThrow(
      "a newer release has changed its tables (9999-later): run that release, or restore a backup",
    );
    await query(database.url, "DELETE FROM kysely_migration");
    expect(await askDatabase(database.url)).toContain("review brings its own up to date when it starts (0001-review)");
  });

  test("says so when there is no such database, or nobody answers at any address of the host", async () => {
    await using database = await startPostgres();
    const other = new URL(database.url);
    other.pathname = "/elsewhere";
    await expect(askDatabase(other.href)).rejects.toThrow('database "elsewhere" does not exist');
    await expect(askDatabase("postgres://localhost:1/briareus")).rejects.toThrow("connect ECONNREFUSED");
  });
});

test("settings take the URL of a Postgres, and of nothing else", () => {
  expect(loadSettings({}).database.url).toBe("postgres://127.0.0.1:5432/briareus");
  expect(loadSettings({ DATABASE_URL: "postgresql://u:p@db/x" }).database.url).toBe("postgresql://u:p@db/x");
  expect(() => loadSettings({ DATABASE_URL: "mysql://u:secret@db/x" })).toThrow(
    "DATABASE_URL=***: must begin with postgres:// or postgresql://",
  );
});
