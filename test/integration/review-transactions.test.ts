/** What the database does to transactions that meet, and what we make of it. */
import { expect, test } from "vitest";
import type { Db } from "../../src/review/database/connection.ts";
import { inTransaction } from "../../src/review/database/transaction.ts";
import { lockIncident } from "../../src/review/incidents/move-incident.ts";
import { startReview } from "../review.ts";
import { addIncident } from "../review-incidents.ts";

test("of two transactions that lock each other out, the one that Postgres ends is run again", async () => {
  await using review = await startReview();
  const { context } = review;
  const [one, two] = [await addIncident(context), await addIncident(context)];
  let waiting = 2;
  let go = () => {};
  const bothBegan = new Promise<void>((resolve) => {
    go = resolve;
  });
  let runs = 0;
  const lockBoth = (first: number, second: number) =>
    inTransaction(context.db, async (db: Db) => {
      runs += 1;
      await lockIncident(db, first);
      waiting -= 1;
      if (waiting === 0) go();
      await bothBegan;
      await lockIncident(db, second);
      return [first, second];
    });
  expect(await Promise.all([lockBoth(one, two), lockBoth(two, one)])).toEqual([
    [one, two],
    [two, one],
  ]);
  expect(runs).toBeGreaterThan(2);
});
