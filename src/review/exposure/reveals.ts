import type { z } from "zod";
import type { PersonActor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { RevealRequest } from "../contract/me.ts";
import { inTransaction } from "../database/transaction.ts";
import type { ReviewContext } from "../review-context.ts";

type Reveals = z.infer<typeof RevealRequest>["reveals"];

/** A page's clock may be wrong; a look counts as of now rather than as of next year. */
const skewMs = 300_000;

/** Records looks at sharp pictures, with their length; looks at incidents that do not exist are passed over. */
export async function recordReveals(context: ReviewContext, actor: PersonActor, reveals: Reveals): Promise<void> {
  await inTransaction(context.db, async (db) => {
    const incidents = await db
      .selectFrom("incidents")
      .select(["id", "severity", "stream_id"])
      .where("id", "in", [...new Set(reveals.map(({ incidentId }) => incidentId))])
      .execute();
    const known = reveals.flatMap((reveal) => {
      const incident = incidents.find(({ id }) => id === reveal.incidentId);
      return incident ? [{ reveal, incident }] : [];
    });
    if (known.length === 0) return;
    const now = context.now();
    const timeOf = (at: string) => new Date(Math.abs(Date.parse(at) - now) < skewMs ? Date.parse(at) : now);
    await db
      .insertInto("reveals")
      .values(
        known.map(({ reveal, incident }) => ({
          user_id: actor.id,
          incident_id: incident.id,
          capture_id: reveal.captureId,
          severity: incident.severity,
          ms: reveal.ms,
          at: timeOf(reveal.at),
        })),
      )
      .execute();
    await appendActivity(
      db,
      known.map(({ reveal, incident }) => ({
        actor: actorName(actor),
        kind: "picture-revealed" as const,
        incidentId: incident.id,
        streamId: incident.stream_id,
        details: { captureId: reveal.captureId, seconds: Math.round(reveal.ms / 100) / 10 },
      })),
    );
  });
}
