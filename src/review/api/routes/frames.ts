import type { FastifyReply } from "fastify";
import { z } from "zod";
import { openPicture } from "../../evidence/open-picture.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";

const Params = z.object({ captureId: z.string().min(1).max(256) });
const Query = z.object({
  form: z.enum(["sharp", "smoothed"]).default("sharp"),
  reason: z.string().max(4_000).optional().describe("Why; needed for pictures that the law restricts"),
});
const picture = { 200: { description: "The picture", content: { "image/*": { schema: z.any() } } } };

/** Pictures go to people alone, and each delivery of a severe one is logged: nothing on the way may keep them. */
export function frameRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["frames"];
  const config = { access: { role: "viewer" }, limit: "pictures" } as const;

  app.get(
    "/v1/frames/:captureId/picture",
    { config, schema: { tags, summary: "A frame's picture", params: Params, querystring: Query, response: picture } },
    async (request, reply) =>
      send(reply, await openPicture(context, personActor(request), request.params.captureId, request.query)),
  );

  app.get(
    "/v1/frames/:captureId/thumbnail",
    { config, schema: { tags, summary: "At most 160 pixels wide and high", params: Params, response: picture } },
    async (request, reply) =>
      send(reply, await openPicture(context, personActor(request), request.params.captureId, { form: "thumbnail" })),
  );
}

function send(reply: FastifyReply, { bytes, type }: { bytes: Buffer; type: string }): FastifyReply {
  return reply.type(type).header("content-disposition", "inline").send(bytes);
}
