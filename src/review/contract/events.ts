/** Live updates: server-sent events of `GET /v1/events`. Each has an id, so that a reader resumes where it stopped. */
import { z } from "zod";
import { Waiting } from "./hold.ts";
import { DecisionView, IncidentSummary, Person } from "./incident.ts";

export const ReviewEvent = z.discriminatedUnion("type", [
  /** An incident is new or has changed. */
  z.object({ type: z.literal("incident"), incident: IncidentSummary, newestFrame: z.number().int() }),
  /** A hold of the reader's own has ended otherwise than by its own act. */
  z.object({
    type: z.literal("hold-ended"),
    token: z.number().int(),
    incidentId: z.number().int(),
    endedBy: z.enum(["expired", "taken-over", "swapped"]),
    endedAt: z.string(),
    holder: Person.nullable(),
  }),
  /** A decision was made, sent or undone. */
  z.object({ type: z.literal("decision"), decision: DecisionView }),
  z.object({ type: z.literal("waiting"), waiting: Waiting }),
  /** The reader was away for longer than events are kept: read everything anew. */
  z.object({ type: z.literal("reset") }),
]);
export type ReviewEvent = z.infer<typeof ReviewEvent>;
