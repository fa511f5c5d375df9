import { Kysely, PostgresDialect } from "kysely";
import { Pool, types } from "pg";
import type { Logger } from "../../telemetry/logger.ts";
import type { Database } from "./schema.ts";

export type Db = Kysely<Database>;

const bigintOid = 20;

/**
 * Opens a pool of connections; nothing is connected before the first query. Ids of 64 bits are read as numbers
 * (exact up to 2^53).
 */
export function openDatabase(url: string, { log, connections = 10 }: { log: Logger; connections?: number }): Db {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    // A peer that vanished without a word must not hold a query, and the row locks behind it, for ever.
    query_timeout: 30_000,
    statement_timeout: 25_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    application_name: "briareus",
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === bigintOid ? Number : types.getTypeParser(oid, format as "text"),
    },
  });
  // Without listeners the loss of a connection would end the process: of an idle one, and of one that a transaction has
  // and just then asks nothing of.
  const lost = (error: Error) => log.warn({ err: error.message }, "a database connection was lost");
  pool.on("error", lost);
  pool.on("connect", (client) => client.on("error", lost));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
