import pg from "pg";
import { expect, test } from "vitest";
import { startPostgres, startPostgresServer } from "../services.ts";

async function ask(url: string, sql: string) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("each test has a database of its own, gone when it is stopped", async () => {
  await using one = await startPostgres();
  const other = await startPostgres();
  await ask(one.url, "CREATE TABLE mine (id int)");
  await expect(ask(other.url, "SELECT * FROM mine")).rejects.toThrow("does not exist");
  const { pathname } = new URL(other.url);
  const names = async () => (await ask(one.url, "SELECT datname FROM pg_database")).map(({ datname }) => `/${datname}`);
  expect(await names()).toContain(pathname);
  await other.stop();
  expect(await names()).not.toContain(pathname);
});

test("a server of a test's own can be killed and keeps what was committed", async () => {
  await using server = await startPostgresServer();
  await ask(server.url, "CREATE TABLE kept AS SELECT 7 AS id");
  await server.kill();
  await expect(ask(server.url, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
  await server.restart();
  expect(await ask(server.url, "SELECT id FROM kept")).toEqual([{ id: 7 }]);
});
