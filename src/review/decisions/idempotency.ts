import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { PersonActor } from "../access/actor.ts";
import { actorName } from "../activity/append.ts";
import { inTransaction } from "../database/transaction.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";

/**
 * Runs an act once for each Idempotency-Key of an actor and answers its repeats with the first answer. The answer is
 * stored in the transaction of the act: both are durable, or neither. A repeat that comes while the first is under
 * way waits for it. A refused act stores nothing, so that a repeat is judged anew.
 *
 * @param key at most 200 characters, unique to the act
 * @param request what was asked, body and address: the same key with another request is refused
 * @throws ReviewError `key-reused`, and what `run` throws
 */
export async function replayed<Answer extends object>(
  context: ReviewContext,
  actor: PersonActor,
  key: string,
  request: unknown,
  run: (context: ReviewContext) => Promise<Answer>,
): Promise<Answer> {
  const name = actorName(actor);
  const hash = createHash("sha256").update(JSON.stringify(request)).digest();
  return inTransaction(context.db, async (db) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${name} ${key}`}, 0))`.execute(db);
    const first = await db
      .selectFrom("replies")
      .select(["request_hash", "body"])
      .where("actor", "=", name)
      .where("key", "=", key)
      .executeTakeFirst();
    if (first && !first.request_hash.equals(hash)) {
      throw new ReviewError(
        "key-reused",
        "this Idempotency-Key belongs to another request: make a new one for each act",
      );
    }
    // Written by the line below, for the same actor, key and request: it has the shape of this answer.
    if (first) return first.body as Answer;
    const answer = await run({ ...context, db });
    await db
      .insertInto("replies")
      .values({
        actor: name,
        key,
        request_hash: hash,
        status: 200,
        body: JSON.stringify(answer),
        at: new Date(context.now()),
      })
      .execute();
    return answer;
  });
}
