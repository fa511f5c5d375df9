/** Captures that could not be processed: what they are, what they show, and sending them through the pipeline again. */
import { z } from "zod";
import {
  RedriveAnswer,
  RedrivePreview,
  RedrivePreviewRequest,
  RedriveRequest,
  UnprocessableId,
  UnprocessablePage,
  UnprocessableQuery,
} from "../../contract/ops-failures.ts";
import { openUnprocessable } from "../../ops/open-unprocessable.ts";
import { present, whileRedisAnswers } from "../../ops/redis-away.ts";
import { previewRedrive, redrive } from "../../ops/redrive.ts";
import { readUnprocessablePage } from "../../ops/unprocessable-page.ts";
import type { Api, ApiParts } from "../api.ts";
import { anyActor, personActor } from "../guard.ts";

const Params = z.object({ id: UnprocessableId });
const PictureQuery = z.object({ form: z.enum(["sharp", "smoothed"]).default("sharp") });
const picture = { 200: { description: "The picture", content: { "image/*": { schema: z.any() } } } };

export function opsFailureRoutes(app: Api, { context, ops, captures }: ApiParts): void {
  const tags = ["ops"];
  const config = { access: { role: "admin", scope: "ops" } } as const;

  app.get(
    "/v1/ops/unprocessable",
    {
      config,
      schema: {
        tags,
        summary: "Captures that could not be processed, newest first",
        querystring: UnprocessableQuery,
        response: { 200: UnprocessablePage },
      },
    },
    ({ query }) => whileRedisAnswers(() => readUnprocessablePage(present(ops).redis, query, context.now())),
  );

  app.get(
    "/v1/ops/unprocessable/:id/picture",
    {
      config: { ...config, limit: "pictures" },
      schema: {
        tags,
        summary: "Its picture, for people of at least the role moderator; each delivery is logged",
        params: Params,
        querystring: PictureQuery,
        response: picture,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const actor = personActor(request);
      const bytes = await whileRedisAnswers(() =>
        openUnprocessable(context, present(ops), actor, { id, form: request.query.form }),
      );
      return reply.type("image/jpeg").header("content-disposition", "inline").send(bytes);
    },
  );

  app.post(
    "/v1/ops/redrive/preview",
    {
      config,
      schema: {
        tags,
        summary: "What a redrive would do",
        body: RedrivePreviewRequest,
        response: { 200: RedrivePreview },
      },
    },
    ({ body }) => whileRedisAnswers(() => previewRedrive(context, present(ops), body)),
  );

  app.post(
    "/v1/ops/redrive",
    {
      config,
      schema: {
        tags,
        summary: "Publish captures that could not be processed again",
        description:
          "Each gets a new id, made of the old one and of when it failed, the attribute `briareus.redriveOf` with the old one, and a deadline that counts from now. Asking twice publishes nothing twice.",
        body: RedriveRequest,
        response: { 200: RedriveAnswer },
      },
    },
    (request) =>
      whileRedisAnswers(() =>
        redrive(context, present(ops), anyActor(request), request.body, (capture) => captures.publish(capture)),
      ),
  );
}
