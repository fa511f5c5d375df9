/** Incidents and decisions written straight into the tables, for tests of what is read from them. */
import type { Insertable } from "kysely";
import type { PersonActor } from "../src/review/access/actor.ts";
import type { Database } from "../src/review/database/schema.ts";
import type { ReviewContext } from "../src/review/review-context.ts";

type Columns<Table extends keyof Database> = Partial<Insertable<Database[Table]>>;

/** An open severe incident without frames, opened now, unless said otherwise. */
export async function addIncident(context: ReviewContext, columns: Columns<"incidents"> = {}): Promise<number> {
  const now = new Date(context.now());
  const streamId = columns.stream_id ?? "stream-1";
  await context.db
    .insertInto("streams")
    .values({ stream_id: streamId, last_seen_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id } = await context.db
    .insertInto("incidents")
    .values({
      stream_id: streamId,
      category: "pornography",
      kind: "flagged",
      severity: "severe",
      joinable: false,
      opened_at: now,
      last_flagged_at: now,
      first_captured_at: now,
      target_at: new Date(context.now() + 120_000),
      frame_count: 0,
      flagged_count: 0,
      peak_score: 0.9,
      model: "nsfw",
      model_version: "1",
      policy_version: "nsfw-1",
      priority: 50,
      priority_terms: "[]",
      ...columns,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Frames of an incident, numbered on from those that it has; flagged, and taken a second apart, unless said otherwise. */
export async function addFrames(
  context: ReviewContext,
  incidentId: number,
  frames: readonly Columns<"frames">[],
): Promise<void> {
  const { frame_count } = await context.db
    .selectFrom("incidents")
    .select("frame_count")
    .where("id", "=", incidentId)
    .executeTakeFirstOrThrow();
  await context.db
    .insertInto("frames")
    .values(
      frames.map((frame, index) => {
        const number = frame_count + index + 1;
        return {
          capture_id: `capture-${incidentId}-${number}`,
          incident_id: incidentId,
          number,
          kind: "flagged",
          captured_at: new Date(context.now() + number * 1_000),
          policy_version: "nsfw-1",
          decided_at: new Date(context.now() + number * 1_000),
          findings: "[]",
          scores: "[]",
          ...frame,
        };
      }),
    )
    .execute();
  await context.db
    .updateTable("incidents")
    .set({ frame_count: frame_count + frames.length })
    .where("id", "=", incidentId)
    .execute();
}

/** A decision and the hold under which it was made, both of now unless said otherwise. */
export async function addDecision(
  context: ReviewContext,
  incidentId: number,
  by: PersonActor,
  columns: Columns<"decisions"> = {},
  shownAt: Date | null = null,
): Promise<string> {
  const now = new Date(context.now());
  const { token } = await context.db
    .insertInto("leases")
    .values({
      incident_id: incidentId,
      user_id: by.id,
      slot: "current",
      granted_at: now,
      shown_at: shownAt,
      expires_at: now,
      ended_at: now,
      ended_by: "decided",
    })
    .returning("token")
    .executeTakeFirstOrThrow();
  const { id } = await context.db
    .insertInto("decisions")
    .values({
      incident_id: incidentId,
      lease_token: token,
      user_id: by.id,
      outcome: "no-violation",
      seen_through: 1,
      decided_at: now,
      send_at: now,
      ...columns,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}
