import { randomBytes } from "node:crypto";
import pg from "pg";
import { urlOfRun } from "./on-demand.ts";

export interface TestDatabase {
  /** postgres://…: an empty database; its role may create tables, and other databases. */
  url: string;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A database of the test's own, dropped at the end: on the server that DATABASE_URL_TEST names, whose role must be
 * allowed to create databases, else on the run's embedded one. For a server that can be killed: `startPostgresServer`.
 */
export async function startPostgres(): Promise<TestDatabase> {
  const server = process.env.DATABASE_URL_TEST || (await urlOfRun());
  const name = `briareus_test_${randomBytes(6).toString("hex")}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const stop = () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url: url.href, stop, [Symbol.asyncDispose]: stop };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
