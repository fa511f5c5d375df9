import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import Fastify, { LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { ReviewError } from "../review-error.ts";
import type { Api, ApiParts } from "./api.ts";
import { acceptForms } from "./form-body.ts";
import { guardRoutes } from "./guard.ts";
import { describeApi } from "./openapi.ts";
import { answerProblem } from "./problems.ts";
import { createLimiter, rateLimits } from "./rate-limits.ts";
import { addRoutes } from "./routes.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { serveConsole } from "./static-console.ts";
import { refuseUnspeakable } from "./unspeakable-text.ts";

export interface ReviewServerOptions {
  /** Whom to believe about whose request they pass on: addresses of reverse proxies. */
  trustedProxies?: readonly string[];
  /** The folder that the console was built into. */
  consoleFolder: string;
  limits?: Partial<typeof rateLimits>;
}

const maxBodyBytes = 64 * 1024;
/** From the first byte of a request to its last. */
const requestMs = 30_000;

/** The HTTP API and the console; nothing listens yet. */
export async function createReviewServer(parts: ApiParts, options: ReviewServerOptions): Promise<Api> {
  const { context } = parts;
  const app: Api = Fastify({
    loggerInstance: context.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: () => randomUUID(),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestMs,
    routerOptions: { maxParamLength: 2_048 },
    exposeHeadRoutes: false,
    return503OnClosing: true,
    forceCloseConnections: "idle",
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerProblem);
  app.addHook("onResponse", async (request, reply) => {
    const { method, url, actor } = request;
    const path = url.split("?")[0]; // A query may hold what no log should.
    request.log.debug({ method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime), actor: actor?.id });
  });

  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await addSecurityHeaders(app, parts.publicUrl());
  acceptForms(app);
  guardRoutes(app, context, createLimiter(app, { ...rateLimits, ...options.limits }));
  app.addHook("preValidation", async ({ params, query, body }) => refuseUnspeakable({ params, query, body }));
  await describeApi(app);
  addRoutes(app, parts);
  await serveConsole(app, options.consoleFolder);
  app.setNotFoundHandler((request) => {
    throw new ReviewError("not-found", `There is nothing at ${request.method} ${request.url.split("?")[0]}.`);
  });
  return app;
}
