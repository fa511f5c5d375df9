import type { FastifyReply, FastifyRequest } from "fastify";
import { ReviewError } from "../review-error.ts";
import type { Api } from "./api.ts";

/**
 * Requests a minute and actor (or address, for those who are not signed in). Far above what a person's hands cause,
 * low enough that a broken script is noticed before the database is.
 */
export const rateLimits = {
  default: 3_000,
  /** A filmstrip is dozens of pictures, and the next incident's are loaded ahead. */
  pictures: 12_000,
  /** Pages, scripts and fonts of the console. */
  page: 3_000,
  "sign-in": 60,
  /** Requests with a wrong key or cookie, by address. */
  failures: 120,
};
export type LimitName = Exclude<keyof typeof rateLimits, "failures">;

export interface Limiter {
  /** Counts the request for its actor. @throws ReviewError `too-many-requests` */
  count(request: FastifyRequest, reply: FastifyReply, name?: LimitName): Promise<void>;
  /** @throws ReviewError `too-many-requests` for an address that has failed too often, before anything is looked up */
  refuseGuessers(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  noteFailure(request: FastifyRequest): Promise<void>;
}

type Count = ReturnType<Api["createRateLimit"]>;

/** @param limits of this server; a test's are lower */
export function createLimiter(app: Api, limits: typeof rateLimits): Limiter {
  const timeWindow = "1 minute";
  const actorOf = ({ actor, ip }: FastifyRequest) => (actor ? `${actor.kind} ${actor.id}` : `address ${ip}`);
  const counts: Record<LimitName, Count> = {
    default: app.createRateLimit({ max: limits.default, timeWindow, keyGenerator: actorOf }),
    pictures: app.createRateLimit({ max: limits.pictures, timeWindow, keyGenerator: actorOf }),
    page: app.createRateLimit({ max: limits.page, timeWindow, keyGenerator: actorOf }),
    "sign-in": app.createRateLimit({ max: limits["sign-in"], timeWindow }),
  };
  const failures = app.createRateLimit({ max: limits.failures, timeWindow });
  return {
    async count(request, reply, name = "default") {
      refuseBeyond(await counts[name](request), reply);
    },
    async refuseGuessers(request, reply) {
      refuseBeyond(await failures(request, { increment: false }), reply);
    },
    async noteFailure(request) {
      await failures(request);
    },
  };
}

function refuseBeyond(counted: Awaited<ReturnType<Count>>, reply: FastifyReply): void {
  if (counted.isAllowed || !counted.isExceeded) return;
  reply.header("retry-after", counted.ttlInSeconds);
  throw new ReviewError("too-many-requests", `Too many requests: try again in ${counted.ttlInSeconds} s.`);
}
