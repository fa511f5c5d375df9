/** Every refusal leaves as application/problem+json (RFC 9457); only what is not our fault is told in detail. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { DatabaseError } from "pg";
import { TuningError } from "../../pipeline/tuning/tuning-error.ts";
import { type Problem, type ProblemCode, problems } from "../contract/problem.ts";
import { staleView } from "../ops/tuning-view.ts";
import { ReviewError } from "../review-error.ts";

export interface Refusal {
  code: ProblemCode;
  detail?: string;
  holder?: Problem["holder"];
  errors?: Problem["errors"];
  stale?: Problem["stale"];
}

export const titles: Record<ProblemCode, string> = {
  invalid: "The request is not valid",
  "not-signed-in": "Nobody is signed in",
  forbidden: "Not allowed",
  "csrf-failed": "The CSRF token is missing or wrong",
  "not-found": "There is no such thing",
  conflict: "This cannot be done as things are",
  "stale-hold": "The hold has ended",
  "held-by-another": "Somebody else holds the incident",
  "already-decided": "The incident has been decided",
  "too-late-to-undo": "The decision has left",
  "stale-version": "Changed by somebody else meanwhile",
  "key-reused": "The Idempotency-Key belongs to another request",
  "picture-gone": "The picture is gone",
  "too-large": "The request is too large",
  "too-many-requests": "Too many requests",
  unavailable: "Not available for the moment",
  internal: "An error on our side",
};

/** Answers with the problem that an error amounts to, and logs those that are ours. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error);
  const status = problems[refusal.code];
  if (status >= 500) request.log.error({ err: error, code: refusal.code }, "a request failed");
  return reply
    .code(status)
    .type("application/problem+json")
    .send(JSON.stringify(problemOf(refusal, request.id)));
}

function problemOf({ code, detail, holder, errors, stale }: Refusal, instance: string): Problem {
  return {
    type: `urn:briareus:problem:${code}`,
    title: titles[code],
    status: problems[code],
    detail,
    instance,
    code,
    holder,
    errors,
    stale,
  };
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof ReviewError) {
    const { code, message, holder, errors } = error;
    return {
      code,
      detail: message,
      ...(holder ? { holder } : {}),
      ...(errors.length > 0 ? { errors: [...errors] } : {}),
    };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message = "" }) => ({
      path: instancePath.slice(1).replaceAll("/", "."),
      message,
    }));
    return { code: "invalid", detail: "These parts of the request are not valid.", errors };
  }
  if (error instanceof TuningError) return ofTuning(error);
  if (error instanceof DatabaseError) return ofDatabase(error);
  if (isLostConnection(error)) return databaseAway;
  return ofFramework(error);
}

const tuningCodes: Record<TuningError["code"], ProblemCode> = {
  "invalid-tuning": "invalid",
  "stale-tuning": "stale-version",
  "trial-running": "conflict",
  "no-trial": "conflict",
  "unknown-version": "not-found",
  "unreadable-tuning": "unavailable",
};

function ofTuning({ code, message, stale }: TuningError): Refusal {
  return { code: tuningCodes[code], detail: message, ...(stale ? { stale: staleView(stale) } : {}) };
}

const databaseAway: Refusal = { code: "unavailable", detail: "The database does not answer. Try again in a moment." };

/** Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
function ofDatabase({ code = "" }: DatabaseError): Refusal {
  // A number too large, a text that is no uuid: what the schemas let through and Postgres does not.
  if (code.startsWith("22")) return { code: "invalid", detail: "A value is out of range." };
  if (/^(08|53|57|40|55P03|25P0)/.test(code)) return databaseAway;
  return { code: "internal" };
}

const connectionCodes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);
const connectionWords = /Connection terminated|timeout exceeded when trying to connect|Query read timeout/;

function isLostConnection(error: unknown): boolean {
  const causes = error instanceof AggregateError ? error.errors : [error];
  return causes.some(
    (cause) =>
      cause instanceof Error &&
      ((("code" in cause && connectionCodes.has(String(cause.code))) as boolean) ||
        connectionWords.test(cause.message)),
  );
}

/** Fastify's own errors carry the status that it would have answered with. */
function ofFramework(error: unknown): Refusal {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : 500;
  const detail = error instanceof Error ? error.message : undefined;
  if (status === 413) return { code: "too-large", detail };
  if (status === 404) return { code: "not-found", detail };
  if (typeof status === "number" && status >= 400 && status < 500) return { code: "invalid", detail };
  return { code: "internal" };
}
