import pg from "pg";
import { migrationNames } from "../review/database/migrate.ts";

const connectMs = 3_000;
const oldestMajor = 14;

/**
 * Connects to the database as a process of ours would, and makes a table that is never kept.
 * @returns what was found, in words
 * @throws Error where it does not answer, is too old, holds a newer release's tables, or its role may not create any
 */
export async function askDatabase(url: string): Promise<string> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    application_name: "briareus doctor",
  });
  client.on("error", () => undefined); // It breaks off: the query that waits says so.
  try {
    await client.connect();
    const { rows } = await client.query("SELECT current_setting('server_version') AS version, current_user AS role");
    const [{ version, role }] = rows;
    if (Number.parseInt(version, 10) < oldestMajor) {
      throw new Error(`it is Postgres ${version}: ${oldestMajor} or newer is needed`);
    }
    await client.query("BEGIN; CREATE TABLE briareus_doctor (checked int); ROLLBACK");
    return `Postgres ${version}, ${role} may create tables; ${standOfTables(await migrationsOf(client))}`;
  } catch (error) {
    throw new Error(inWords(error), { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Names of the migrations that the database has had; undefined: none was ever made. */
async function migrationsOf(client: pg.Client): Promise<string[] | undefined> {
  const { rows } = await client.query("SELECT to_regclass('kysely_migration') IS NOT NULL AS present");
  if (!rows[0].present) return undefined;
  const made = await client.query<{ name: string }>("SELECT name FROM kysely_migration ORDER BY name");
  return made.rows.map(({ name }) => name);
}

/** @throws Error where a newer release was here: review would not start */
function standOfTables(made: readonly string[] | undefined): string {
  if (!made) return "review makes its own when it first starts";
  const unknown = made.filter((name) => !migrationNames.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `a newer release has changed its tables (${unknown.join(", ")}): run that release, or restore a backup`,
    );
  const missing = migrationNames.filter((name) => !made.includes(name));
  return missing.length > 0
    ? `review brings its own up to date when it starts (${missing.join(", ")})`
    : "review's are up to date";
}

/** A host of several addresses, none of which answers, yields an error without a message. */
function inWords(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
}
