import pg from "pg";

const connectMs = 3_000;
const oldestMajor = 14;

/**
 * Connects to the database as a process of ours would, and makes a table that is never kept.
 * @returns what was found, in words
 * @throws Error where it does not answer, is too old, or its role may not create tables
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
    return `Postgres ${version}, ${role} may create tables`;
  } catch (error) {
    throw new Error(inWords(error), { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A host of several addresses, none of which answers, yields an error without a message. */
function inWords(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : String(first);
}
