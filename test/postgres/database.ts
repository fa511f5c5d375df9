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
  const stop = async () => {
    await execute(
      server,
      // Nobody comes in anew, and only sessions of our own role are ended: WITH (FORCE) fails when autovacuum,
      // a superuser's, is just at work here. The plain DROP sends that away by itself.
      `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND usename = current_user`,
      `DROP DATABASE ${name}`,
    );
  };
  return { url: url.href, stop, [Symbol.asyncDispose]: stop };
}

async function execute(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
