import { z } from "zod";
import { DecisionRequest } from "../../contract/decision.ts";
import { EscalateRequest, Hold, SkipRequest } from "../../contract/hold.ts";
import { DecisionView, Person } from "../../contract/incident.ts";
import { decide } from "../../decisions/decide.ts";
import { escalate } from "../../decisions/escalate.ts";
import { replayed } from "../../decisions/idempotency.ts";
import { undoDecision } from "../../decisions/undo.ts";
import { skipIncident } from "../../holds/skip.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";
import { IdempotencyKey, IncidentId, nothing, UuidId } from "../parameters.ts";

export function decisionRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["decisions"];
  const moderator = { access: { role: "moderator" } } as const;
  /** The act's address is part of what a key stands for. */
  const asked = (request: { url: string; body: unknown }) => [request.url, request.body];

  app.post(
    "/v1/incidents/:id/decision",
    {
      config: moderator,
      schema: {
        tags,
        summary: "Decide an incident that you hold",
        params: IncidentId,
        headers: IdempotencyKey,
        body: DecisionRequest,
        response: { 200: DecisionView },
      },
    },
    (request) => {
      const actor = personActor(request);
      const run = (inside: typeof context) => decide(inside, actor, request.params.id, request.body);
      return replayed(context, actor, request.headers["idempotency-key"], asked(request), run);
    },
  );

  app.post(
    "/v1/incidents/:id/escalate",
    {
      config: moderator,
      schema: {
        tags,
        summary: "Pass an incident that you hold to the leads",
        params: IncidentId,
        headers: IdempotencyKey,
        body: EscalateRequest,
        response: nothing,
      },
    },
    async (request, reply) => {
      const actor = personActor(request);
      await replayed(context, actor, request.headers["idempotency-key"], asked(request), async (inside) => {
        await escalate(inside, actor, request.params.id, request.body);
        return {};
      });
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/incidents/:id/skip",
    {
      config: moderator,
      schema: {
        tags,
        summary: "Pass an incident that you hold on to others",
        params: IncidentId,
        headers: IdempotencyKey,
        body: SkipRequest,
        response: nothing,
      },
    },
    async (request, reply) => {
      const actor = personActor(request);
      await replayed(context, actor, request.headers["idempotency-key"], asked(request), async (inside) => {
        await skipIncident(inside, actor, request.params.id, request.body);
        return {};
      });
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/decisions/:id/undo",
    {
      config: moderator,
      schema: {
        tags,
        summary: "Take a decision back before it has left",
        params: UuidId,
        response: { 200: z.object({ hold: Hold.nullable(), holder: Person.nullable() }) },
      },
    },
    (request) => undoDecision(context, personActor(request), request.params.id),
  );
}
