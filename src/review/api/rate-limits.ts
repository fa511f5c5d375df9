import type { FastifyReply, FastifyRequest } from "fastify";
import { hashOf } from "../access/secrets.ts";
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
  failures: 600,
};
const mostRemembered = 10_000;
export type LimitName = Exclude<keyof typeof rateLimits, "failures">;

export interface Limiter {
  /** Counts the request for its actor. @throws ReviewError `too-many-requests` */
  count(request: FastifyRequest, reply: FastifyReply, name?: LimitName): Promise<void>;
  /**
   * Looks a secret up, unless too many wrong ones came from its address and it was never seen to be right: colleagues
   * behind the same address go on working.
   * @param lookUp whether it is right
   * @throws ReviewError `too-many-requests`
   */
  guardGuesses(
    request: FastifyRequest,
    reply: FastifyReply,
    secret: { text: string },
    lookUp: () => Promise<boolean>,
  ): Promise<void>;
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
  /** Hashes of secrets that were right when they were last looked up. */
  const right = new Set<string>();
  return {
    async count(request, reply, name = "default") {
      refuseBeyond(await counts[name](request), reply);
    },
    async guardGuesses(request, reply, { text }, lookUp) {
      const digest = hashOf(text).toString("base64");
      if (!right.has(digest)) refuseBeyond(await failures(request, { increment: false }), reply);
      if (!(await lookUp())) {
        right.delete(digest);
        await failures(request);
      } else if (!right.has(digest)) {
        if (right.size >= mostRemembered) right.clear();
        right.add(digest);
      }
    },
  };
}

function refuseBeyond(counted: Awaited<ReturnType<Count>>, reply: FastifyReply): void {
  if (counted.isAllowed || !counted.isExceeded) return;
  reply.header("retry-after", counted.ttlInSeconds);
  throw new ReviewError("too-many-requests", `Too many requests: try again in ${counted.ttlInSeconds} s.`);
}
