import { Claim, ClaimRequest, HeartbeatAnswer, HeartbeatRequest, ReleaseRequest } from "../../contract/hold.ts";
import { claimNext } from "../../holds/claim-next.ts";
import { heartbeat } from "../../holds/heartbeat.ts";
import { releaseHolds } from "../../holds/release.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor, requireCsrf } from "../guard.ts";
import { nothing } from "../parameters.ts";

export function holdRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["holds"];
  const moderator = { access: { role: "moderator" } } as const;

  app.post(
    "/v1/holds/claim-next",
    {
      config: moderator,
      schema: {
        tags,
        summary: "Your current incident and the one after it, held for you",
        body: ClaimRequest,
        response: { 200: Claim },
      },
    },
    (request) => claimNext(context, personActor(request), request.body),
  );

  app.post(
    "/v1/holds/heartbeat",
    {
      config: moderator,
      schema: {
        tags,
        summary: "Keep your holds; says how those ended that have",
        body: HeartbeatRequest,
        response: { 200: HeartbeatAnswer },
      },
    },
    (request) => heartbeat(context, personActor(request), request.body.tokens),
  );

  app.post(
    "/v1/holds/release",
    {
      config: { ...moderator, csrf: "body" },
      schema: {
        tags,
        summary: "Give holds back",
        description: "For a beacon, which sets no headers, the CSRF token may come in the body.",
        body: ReleaseRequest,
        response: nothing,
      },
    },
    async (request, reply) => {
      requireCsrf(request, request.headers["x-csrf-token"] ?? request.body.csrf);
      await releaseHolds(context, personActor(request), request.body.tokens);
      return reply.code(204).send(null);
    },
  );
}
