import type { Db } from "./connection.ts";

/** Runs `work` in the transaction that `db` is, or in one of its own. */
export function inTransaction<Result>(db: Db, work: (db: Db) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
