import type { FastifyReply, FastifyRequest } from "fastify";
import { isLoopbackName } from "../access/local-sign-in.ts";
import { sessionMs } from "../access/sessions.ts";

const name = "briareus_session";

/** Secure, but for plain HTTP on loopback: not every browser would keep such a cookie there. */
export function cookieOptions(publicUrl: string) {
  const { protocol, hostname } = new URL(publicUrl);
  const secure = protocol === "https:" || !isLoopbackName(hostname);
  return { httpOnly: true, sameSite: "lax", secure, path: "/" } as const;
}

export const sessionToken = (request: FastifyRequest): string | undefined => request.cookies[name];

export function giveSession(reply: FastifyReply, token: string, publicUrl: string): void {
  reply.setCookie(name, token, { ...cookieOptions(publicUrl), maxAge: sessionMs / 1_000 });
}

export function dropSession(reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(name, cookieOptions(publicUrl));
}
