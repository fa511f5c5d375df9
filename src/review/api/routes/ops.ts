/** How the pipeline does: for people and keys with the scope ops. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { Models, OpsHistory, OpsHistoryQuery, OpsState } from "../../contract/ops.ts";
import { Failures } from "../../contract/ops-failures.ts";
import { readFailures } from "../../ops/failures.ts";
import { readSamples, toColumns } from "../../ops/history.ts";
import { stateAt } from "../../ops/read-ops.ts";
import { present, whileRedisAnswers } from "../../ops/redis-away.ts";
import type { Api, ApiParts } from "../api.ts";

export function opsRoutes(app: Api, { context, ops }: ApiParts): void {
  const tags = ["ops"];
  const config = { access: { role: "admin", scope: "ops" } } as const;
  const { now } = context;

  app.get(
    "/v1/ops/state",
    {
      config,
      schema: {
        tags,
        summary: "Figures of every pool, each with its level, and the sentence that sums them up",
        description: "Measured once a second. Ask with If-None-Match: 304 means that nothing is new.",
        response: { 200: OpsState, 304: z.null().describe("Nothing new") },
      },
    },
    async (request, reply) => {
      const live = await present(ops).reader.live();
      const state = stateAt(live, now());
      // The age goes into the tag only as what it is judged to be: else each second would be new.
      const { at, data, sentence } = state;
      const tag = createHash("sha256").update(`${at} ${data.level} ${sentence.text}`).digest("base64url").slice(0, 16);
      reply.header("etag", `"${tag}"`).header("cache-control", "private, no-cache");
      if (request.headers["if-none-match"]?.includes(tag)) return reply.code(304).send(null);
      return state;
    },
  );

  app.get(
    "/v1/ops/history",
    {
      config,
      schema: {
        tags,
        summary: "The last hour in columns, for charts",
        querystring: OpsHistoryQuery,
        response: { 200: OpsHistory },
      },
    },
    ({ query }) => whileRedisAnswers(async () => toColumns(await readSamples(present(ops).redis, query.after, now()))),
  );

  app.get(
    "/v1/ops/failures",
    {
      config,
      schema: { tags, summary: "Failures by reason, of five minutes and an hour", response: { 200: Failures } },
    },
    () => whileRedisAnswers(() => readFailures(present(ops).redis, now())),
  );

  app.get(
    "/v1/ops/models",
    {
      config,
      schema: {
        tags,
        summary: "Versions of the models, and what a minute's requests had of them",
        response: { 200: Models },
      },
    },
    async () => (await present(ops).reader.live()).models,
  );
}
