/**
 * Who may call a route. Every route declares it as `config.access`; one that does not cannot be registered. This hook is
 * the only place that decides, before a byte of the body is read:
 *
 *     credentials ──► who is it? ──► within its limit? ──► may it? ──► for changes by cookie: the CSRF token
 */
import type { FastifyRequest } from "fastify";
import type { Actor, PersonActor } from "../access/actor.ts";
import { findKey } from "../access/api-keys.ts";
import { type Access, inWords, judge } from "../access/route-access.ts";
import { isSameSecret } from "../access/secrets.ts";
import { findSession, type Session } from "../access/sessions.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import type { Api } from "./api.ts";
import type { Limiter, LimitName } from "./rate-limits.ts";
import { sessionToken } from "./session-cookie.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Absent only on routes that cannot be registered. */
    access?: Access;
    /** Which limit of requests counts it; `default` unless said. */
    limit?: LimitName;
    /** `body`: the CSRF token may come in the body, since beacons set no headers; the route then checks it. */
    csrf?: "header" | "body";
  }
  interface FastifyRequest {
    actor: Actor | null;
    /** null for keys, and for those who are not signed in. */
    session: Session | null;
  }
}

const harmless = new Set(["GET", "HEAD", "OPTIONS"]);

export function guardRoutes(app: Api, context: ReviewContext, limiter: Limiter): void {
  app.decorateRequest("actor", null);
  app.decorateRequest("session", null);
  app.addHook("onRoute", ({ config, method, url }) => {
    if (!config?.access) throw new Error(`the route ${method} ${url} does not declare its access`);
  });
  app.addHook("onRequest", async (request, reply) => {
    const { access = { role: "admin" }, limit, csrf } = request.routeOptions.config;
    if (access === "public") return limiter.count(request, reply, limit);
    const secret = secretOf(request);
    if (secret) await limiter.guardGuesses(request, reply, secret, () => identify(context, request, secret));
    const verdict = judge(access, request.actor);
    if (verdict === "not-signed-in")
      throw new ReviewError("not-signed-in", "Sign in, or send a valid key as Authorization: Bearer brk_…");
    await limiter.count(request, reply, limit);
    if (verdict === "forbidden") throw new ReviewError("forbidden", `This needs ${inWords(access)}.`);
    if (request.session && !harmless.has(request.method) && csrf !== "body")
      requireCsrf(request, request.headers["x-csrf-token"]);
  });
}

/** @throws ReviewError `csrf-failed` unless the text is the session's token; keys have none and need none */
export function requireCsrf(request: FastifyRequest, token: unknown): void {
  if (!request.session) return;
  if (typeof token === "string" && isSameSecret(token, request.session.csrf)) return;
  throw new ReviewError("csrf-failed", "The header x-csrf-token must hold the token that GET /v1/me gives.");
}

/** For routes that only people reach. */
export function personActor(request: FastifyRequest): PersonActor {
  if (request.actor?.kind === "person") return request.actor;
  throw new ReviewError("forbidden", "Only people do this, not keys.");
}

export function anyActor(request: FastifyRequest): Actor {
  if (request.actor) return request.actor;
  throw new ReviewError("not-signed-in", "Sign in first.");
}

interface Secret {
  kind: "key" | "cookie";
  text: string;
}

/** A key goes before a cookie; what is neither counts as a wrong key. */
function secretOf(request: FastifyRequest): Secret | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return { kind: "key", text: /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? "" };
  const token = sessionToken(request);
  return token ? { kind: "cookie", text: token } : undefined;
}

async function identify({ db, now }: ReviewContext, request: FastifyRequest, { kind, text }: Secret): Promise<boolean> {
  if (kind === "cookie") request.session = (await findSession(db, text, now())) ?? null;
  request.actor = kind === "key" ? ((await findKey(db, text, now())) ?? null) : (request.session?.actor ?? null);
  return request.actor !== null;
}
