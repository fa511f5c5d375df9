/** The queues as BullMQ has them, job by job, to look at. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { whileRedisAnswers } from "../../ops/redis-away.ts";
import { ReviewError } from "../../review-error.ts";
import type { Api, ApiParts } from "../api.ts";

const base = "/ops/queues";
const access = { role: "admin", scope: "ops" } as const;
/** Colour and names of a hashed file do not change. */
const kept = "private, max-age=31536000, immutable";

/**
 * Its scripts load further ones and set styles themselves, which Trusted Types without a policy and a style policy without
 * 'unsafe-inline' refuse; scripts still come from files of this server alone.
 */
const helmet = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'self'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
};

const Asked = z.record(z.string(), z.string().max(1_024));
const Headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]).optional());

export function opsQueueRoutes(app: Api, { ops }: ApiParts): void {
  if (!ops) return;
  const { board } = ops;
  const config = { access, limit: "page" } as const;
  const schema = { hide: true };
  const html = board.html(base);

  for (const path of board.pages)
    app.get(`${base}${path === "/" ? "" : path}`, { config, schema, helmet }, (_request, reply) =>
      reply.type("text/html; charset=utf-8").send(html),
    );

  app.get(`${base}/static/*`, { config, schema }, (request, reply) => {
    const { "*": path } = z.object({ "*": z.string() }).parse(request.params);
    if (!/^[\w./-]+$/.test(path) || !existsSync(join(board.files, path)))
      throw new ReviewError("not-found", `There is no ${path}.`);
    return reply.header("cache-control", kept).sendFile(path, board.files);
  });

  for (const { path, answer } of board.reads)
    app.get(
      `${base}${path}`,
      { config, schema: { ...schema, params: Asked, querystring: Asked } },
      async (request, reply) => {
        const { params, query } = request;
        const headers = Object.fromEntries(
          Object.entries(Headers.parse(request.headers)).map(([name, value]) => [name, [value].flat()[0]]),
        );
        const { status, body } = await whileRedisAnswers(() => answer({ params, query, headers }));
        return reply.code(status).send(body);
      },
    );
}
