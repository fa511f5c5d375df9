import { z } from "zod";
import { readActivity } from "../../activity/read-activity.ts";
import { Hold, TakeRequest } from "../../contract/hold.ts";
import { ActivityPage, FramePage, Incident, IncidentFilters, IncidentPage } from "../../contract/incident.ts";
import { takeIncident } from "../../holds/take.ts";
import { IncidentSort } from "../../incidents/incident-cursor.ts";
import { listIncidents } from "../../incidents/list-incidents.ts";
import { listFrames } from "../../incidents/read-frames.ts";
import { readIncident } from "../../incidents/read-incident.ts";
import { ReviewError } from "../../review-error.ts";
import type { Api, ApiParts } from "../api.ts";
import { anyActor, personActor } from "../guard.ts";
import { IncidentId, listOf, Page } from "../parameters.ts";

const { severity, category, state, model } = IncidentFilters.shape;
const Query = IncidentFilters.extend({
  severity: listOf(severity.unwrap().element).optional(),
  category: listOf(category.unwrap().element).optional(),
  state: listOf(state.unwrap().element).optional(),
  model: listOf(model.unwrap().element).optional(),
  ...Page.shape,
  sort: IncidentSort.default("priority"),
});

const FramesQuery = z.object({
  after: z.coerce.number().int().min(0).max(2_147_483_647).default(0).describe("Number of the last frame known"),
  limit: Page.shape.limit,
});

export function incidentRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["incidents"];
  const readers = { access: { role: "viewer", scope: "read" } } as const;

  app.get(
    "/v1/incidents",
    {
      config: readers,
      schema: {
        tags,
        summary: "Incidents that pass every filter",
        querystring: Query,
        response: { 200: IncidentPage },
      },
    },
    (request) => {
      const { cursor, limit, sort, ...filters } = request.query;
      return listIncidents(context, filters, { cursor, limit, sort });
    },
  );

  app.get(
    "/v1/incidents/:id",
    {
      config: readers,
      schema: {
        tags,
        summary: "An incident with its frames and decisions",
        params: IncidentId,
        response: { 200: Incident },
      },
    },
    async (request) => {
      const { id } = request.params;
      const incident = await readIncident(context, id, anyActor(request));
      if (!incident) throw new ReviewError("not-found", `There is no incident ${id}.`);
      return incident;
    },
  );

  app.get(
    "/v1/incidents/:id/frames",
    {
      config: readers,
      schema: {
        tags,
        summary: "All frames of an incident, in order of arrival",
        params: IncidentId,
        querystring: FramesQuery,
        response: { 200: FramePage },
      },
    },
    (request) => listFrames(context, request.params.id, anyActor(request), request.query),
  );

  app.get(
    "/v1/incidents/:id/activity",
    {
      config: readers,
      schema: {
        tags,
        summary: "What happened to an incident, newest first",
        params: IncidentId,
        querystring: Page,
        response: { 200: ActivityPage },
      },
    },
    (request) => readActivity(context, { incidentId: request.params.id, ...request.query }),
  );

  app.post(
    "/v1/incidents/:id/take",
    {
      config: { access: { role: "moderator" } },
      schema: {
        tags,
        summary: "Hold one chosen incident",
        description: "Leads may take over what another person holds.",
        params: IncidentId,
        body: TakeRequest,
        response: { 200: Hold },
      },
    },
    (request) => takeIncident(context, personActor(request), request.params.id, request.body),
  );
}
