/** What leads do to incidents that nobody need hold. */
import { z } from "zod";
import {
  AssignRequest,
  BulkCloseAnswer,
  BulkCloseRequest,
  LegalHoldRequest,
  ReopenRequest,
} from "../../contract/decision.ts";
import { assignIncidents } from "../../decisions/assign.ts";
import { bulkClose } from "../../decisions/bulk-close.ts";
import { setLegalHold } from "../../decisions/legal-hold.ts";
import { reopenIncident } from "../../decisions/reopen.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";
import { IncidentId, nothing } from "../parameters.ts";

/** 5,000 incidents of a bulk close, each named twice. */
const bulkBodyBytes = 512 * 1024;
const AssignAnswer = z.object({
  assigned: z.array(z.number().int()),
  refused: z.array(z.object({ id: z.number().int(), why: z.string() })),
});

export function leadRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["incidents"];
  const lead = { access: { role: "lead" } } as const;

  app.post(
    "/v1/incidents/:id/reopen",
    {
      config: lead,
      schema: {
        tags,
        summary: "Open a closed incident again",
        params: IncidentId,
        body: ReopenRequest,
        response: nothing,
      },
    },
    async (request, reply) => {
      await reopenIncident(context, personActor(request), request.params.id, request.body);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/incidents/:id/legal-hold",
    {
      config: lead,
      schema: {
        tags,
        summary: "Keep an incident's pictures whatever the retention says, or no longer",
        params: IncidentId,
        body: LegalHoldRequest,
        response: nothing,
      },
    },
    async (request, reply) => {
      await setLegalHold(context, personActor(request), request.params.id, request.body);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/incidents/bulk-close",
    {
      config: lead,
      bodyLimit: bulkBodyBytes,
      schema: {
        tags,
        summary: "Close many incidents alike",
        body: BulkCloseRequest,
        response: { 200: BulkCloseAnswer },
      },
    },
    (request) => bulkClose(context, personActor(request), request.body),
  );

  app.post(
    "/v1/incidents/assign",
    {
      config: lead,
      schema: { tags, summary: "Give incidents to a person", body: AssignRequest, response: { 200: AssignAnswer } },
    },
    (request) => assignIncidents(context, personActor(request), request.body),
  );
}
