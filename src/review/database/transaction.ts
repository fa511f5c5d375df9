import type { Db } from "./connection.ts";

const deadlock = "40P01";
const attempts = 5;

/**
 * Runs `work` in the transaction that `db` is, or in one of its own. One that Postgres ended to resolve a deadlock
 * (two leads who take each other's incident at the same moment) is run again.
 */
export async function inTransaction<Result>(db: Db, work: (db: Db) => Promise<Result>): Promise<Result> {
  if (db.isTransaction) return work(db);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === attempts || (error as { code?: unknown }).code !== deadlock) throw error;
    }
  }
}
