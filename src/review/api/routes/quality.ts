import { Quality, QualityQuery } from "../../contract/quality.ts";
import { readQuality } from "../../quality/read-quality.ts";
import type { Api, ApiParts } from "../api.ts";

export function qualityRoutes(app: Api, { context }: ApiParts): void {
  app.get(
    "/v1/quality",
    {
      config: { access: { role: "viewer", scope: "read" } },
      schema: {
        tags: ["quality"],
        summary: "How often people agree, and how long it takes",
        querystring: QualityQuery,
        response: { 200: Quality },
      },
    },
    (request) => readQuality(context, request.query),
  );
}
