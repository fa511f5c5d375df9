import { Readable } from "node:stream";
import { z } from "zod";
import { actorName, appendActivity } from "../../activity/append.ts";
import { exportActivity } from "../../activity/export.ts";
import { readActivity } from "../../activity/read-activity.ts";
import { ActivityPage } from "../../contract/incident.ts";
import type { Api, ApiParts } from "../api.ts";
import { anyActor } from "../guard.ts";
import { Page } from "../parameters.ts";

const ExportQuery = z.object({
  format: z.enum(["csv", "jsonl"]),
  from: z.iso.datetime().optional().describe("Default: the beginning"),
  to: z.iso.datetime().optional().describe("Default: now"),
});
const types = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl" } as const;
const file = {
  200: {
    description: "The log",
    content: { "text/csv": { schema: z.any() }, "application/jsonl": { schema: z.any() } },
  },
};

export function activityRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["activity"];

  app.get(
    "/v1/activity",
    {
      config: { access: { role: "lead" } },
      schema: { tags, summary: "The activity log, newest first", querystring: Page, response: { 200: ActivityPage } },
    },
    (request) => readActivity(context, request.query),
  );

  app.get(
    "/v1/activity/export",
    {
      config: { access: { role: "admin", scope: "export" } },
      schema: { tags, summary: "The activity log as a file, oldest first", querystring: ExportQuery, response: file },
    },
    async (request, reply) => {
      const { format } = request.query;
      await appendActivity(context.db, {
        actor: actorName(anyActor(request)),
        kind: "activity-exported",
        details: request.query,
      });
      return reply
        .type(types[format])
        .header("content-disposition", `attachment; filename="activity.${format}"`)
        .send(Readable.from(exportActivity(context, request.query)));
    },
  );
}
