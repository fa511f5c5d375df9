import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { comesFromThisMachine, type LocalRequest, offersLocalSignIn } from "../../access/local-sign-in.ts";
import { SignInAttempt } from "../../access/oidc.ts";
import { type Identity, welcome } from "../../access/people.ts";
import { Role } from "../../access/roles.ts";
import { closeSession, openSession } from "../../access/sessions.ts";
import { actorName, appendActivity } from "../../activity/append.ts";
import { inTransaction } from "../../database/transaction.ts";
import { ReviewError } from "../../review-error.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";
import { answerProblem, refusalOf } from "../problems.ts";
import { cookieOptions, dropSession, giveSession, sessionToken } from "../session-cookie.ts";
import { localPage, noSignInPage, refusedPage } from "../sign-in-pages.ts";

const attemptCookie = "briareus_sign_in";
const attemptSeconds = 600;

/** Where to go afterwards: a path of this server, whatever was asked for. */
const ReturnTo = z
  .string()
  .max(2_000)
  .default("/")
  .transform((path) => (/^\/(?![/\\])[^\p{Cc}\\]*$/u.test(path) ? path : "/"));
const Query = z.object({ returnTo: ReturnTo });
const LocalRequestBody = z
  .object({ role: Role.default("moderator"), returnTo: ReturnTo })
  .nullish()
  .transform((body) => body ?? { role: "moderator" as const, returnTo: "/" });

export const offersLocal = ({ host, oidc }: ApiParts): boolean => offersLocalSignIn({ host, oidc: oidc !== undefined });

export const localRequest = ({ socket, headers }: FastifyRequest): LocalRequest => ({
  peer: socket.remoteAddress,
  host: headers.host,
  forwarded: ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"].some((name) => name in headers),
});

export function signInRoutes(app: Api, parts: ApiParts): void {
  const { context, oidc, publicUrl } = parts;
  const config = { access: "public", limit: "sign-in" } as const;
  const tags = ["sign-in"];
  const callbackUrl = () => new URL("/auth/callback", publicUrl()).href;

  const signIn = async (reply: FastifyReply, identity: Identity, how: string) => {
    const token = await inTransaction(context.db, async (db) => {
      const userId = await welcome(db, identity);
      await appendActivity(db, { actor: `user:${userId}`, kind: "signed-in", details: { how, role: identity.role } });
      return openSession(db, userId, context.now());
    });
    giveSession(reply, token, publicUrl());
  };

  app.get(
    "/auth/sign-in",
    { config, schema: { tags, summary: "Sign in, in a browser", querystring: Query } },
    async (request, reply) => {
      const { returnTo } = request.query;
      if (oidc) {
        const { url, attempt } = await oidc.begin(callbackUrl(), returnTo);
        const options = { ...cookieOptions(publicUrl()), path: "/auth", maxAge: attemptSeconds };
        return reply.setCookie(attemptCookie, encode(attempt), options).redirect(url);
      }
      const local = offersLocal(parts) && comesFromThisMachine(localRequest(request));
      return reply
        .code(local ? 200 : 403)
        .type("text/html")
        .send(local ? localPage(returnTo) : noSignInPage);
    },
  );

  app.get(
    "/auth/callback",
    {
      config,
      schema: { tags, summary: "Where the sign-in service sends people back to" },
      errorHandler: (error, request, reply) => {
        if (!request.headers.accept?.includes("text/html")) return answerProblem(error, request, reply);
        const { code, detail = "" } = refusalOf(error);
        request.log.info({ code, err: error.message }, "a sign-in failed");
        return reply.code(403).type("text/html").send(refusedPage(detail, request.id));
      },
    },
    async (request, reply) => {
      const attempt = decode(request.cookies[attemptCookie]);
      reply.clearCookie(attemptCookie, { ...cookieOptions(publicUrl()), path: "/auth" });
      if (!oidc || !attempt)
        throw new ReviewError(
          "not-signed-in",
          "This sign-in was not begun here, or more than ten minutes ago. Sign in again.",
        );
      const callback = new URL(callbackUrl());
      callback.search = request.url.split("?").slice(1).join("?");
      await signIn(reply, await oidc.finish(callback, attempt), "sign-in service");
      return reply.redirect(attempt.returnTo);
    },
  );

  app.post(
    "/auth/local",
    {
      config,
      schema: { tags, summary: "Sign in at the machine itself, without a sign-in service", body: LocalRequestBody },
    },
    async (request, reply) => {
      if (!offersLocal(parts) || !comesFromThisMachine(localRequest(request)) || !isOwnPage(request))
        throw new ReviewError("forbidden", "Signing in with one click is for the machine that Briareus runs on.");
      const { role, returnTo } = request.body;
      await signIn(reply, { subject: `local ${role}`, name: localNames[role], role }, "local");
      const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
      return isForm ? reply.redirect(returnTo, 303) : reply.code(204).send(null);
    },
  );

  app.post(
    "/auth/sign-out",
    {
      config: { access: { role: "viewer" } },
      schema: {
        tags,
        summary: "End the session",
        response: {
          200: z.object({ continueAt: z.string().nullable().describe("Where to sign out of the sign-in service too") }),
        },
      },
    },
    async (request, reply) => {
      const token = sessionToken(request);
      if (token) await closeSession(context.db, token);
      await appendActivity(context.db, { actor: actorName(personActor(request)), kind: "signed-out" });
      dropSession(reply, publicUrl());
      const continueAt = await oidc?.signOutUrl(new URL("/", publicUrl()).href).catch(() => undefined);
      return { continueAt: continueAt ?? null };
    },
  );
}

const localNames = {
  viewer: "Local viewer",
  moderator: "Local moderator",
  lead: "Local lead",
  admin: "Local admin",
} as const satisfies Record<Role, string>;

/** Browsers say which site made a request; a page of another one must not sign anybody in. */
function isOwnPage({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const { origin } = headers;
  return origin === undefined || URL.parse(origin)?.host === headers.host;
}

const encode = (attempt: SignInAttempt) => Buffer.from(JSON.stringify(attempt)).toString("base64url");

function decode(cookie: string | undefined): SignInAttempt | undefined {
  try {
    return SignInAttempt.parse(JSON.parse(Buffer.from(cookie ?? "", "base64url").toString()));
  } catch {
    return undefined; // None, or not ours.
  }
}
