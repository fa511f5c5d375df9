import { z } from "zod";
import { Capture } from "../../../capture/capture.ts";
import { ReviewError } from "../../review-error.ts";
import type { Api, ApiParts } from "../api.ts";

const maxCaptures = 100;
/** So many captures with long addresses and some attributes each. */
const bodyBytes = 1024 * 1024;

/** For platforms that do not speak Pub/Sub. */
export function captureRoutes(app: Api, { captures }: ApiParts): void {
  app.post(
    "/v1/captures",
    {
      config: { access: { scope: "ingest" } },
      bodyLimit: bodyBytes,
      // A single capture is a list of one.
      preValidation: async (request) => {
        if (!Array.isArray(request.body)) request.body = [request.body];
      },
      schema: {
        tags: ["ingest"],
        summary: "Publish captures",
        description:
          "Answers when Pub/Sub has stored all of them. A single capture need not stand in a list. If some were not stored, `errors` of the problem names them: send them again, the same `captureId` yields one verdict.",
        body: z.array(Capture).min(1).max(maxCaptures),
        response: { 202: z.object({ captureIds: z.array(z.string()) }) },
      },
    },
    async (request, reply) => {
      const settled = await Promise.allSettled(request.body.map((capture) => captures.publish(capture)));
      const errors = settled.flatMap((each, index) =>
        each.status === "rejected" ? [{ path: String(index), message: wordsOf(each.reason) }] : [],
      );
      if (errors.length > 0) {
        request.log.error({ err: errors[0]?.message, refused: errors.length }, "captures were not stored by Pub/Sub");
        throw new ReviewError(
          "unavailable",
          `${errors.length} of ${settled.length} captures were not stored.`,
          null,
          errors,
        );
      }
      return reply.code(202).send({ captureIds: request.body.map(({ captureId }) => captureId) });
    },
  );
}

const wordsOf = (reason: unknown) => (reason instanceof Error ? reason.message : String(reason));
