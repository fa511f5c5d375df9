import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { up as review } from "./migrations/0001-review.ts";
import type { Database } from "./schema.ts";

/** In order; an entry is never changed once it has been released: the next change is a new one. */
const migrations: Record<string, Migration> = { "0001-review": { up: review } };

/** Names of all migrations, in order; the table `kysely_migration` of a database says which it has. */
export const migrationNames: readonly string[] = Object.keys(migrations);

/**
 * Brings the tables up to date, forward only. Several processes may call it at once: a lock lets one migrate.
 * @throws Error of the database, or of a database that is newer than this program
 */
export async function migrateToLatest(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
