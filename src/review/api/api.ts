import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { CaptureInput } from "../../producer/publisher.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Oidc } from "../access/oidc.ts";
import type { EventFeed } from "../events/event-feed.ts";
import type { OpsParts } from "../ops/ops-parts.ts";
import type { ReviewContext } from "../review-context.ts";

export type Api = FastifyInstance<Server, IncomingMessage, ServerResponse, Logger, ZodTypeProvider>;

/** What routes are made of; each file of routes takes what it needs. */
export interface ApiParts {
  context: ReviewContext;
  /** Where the server listens. */
  host: string;
  /** What people type to get here, such as https://review.example; what the sign-in service sends them back to. */
  publicUrl: () => string;
  /** undefined: no sign-in service is set up. */
  oidc: Oidc | undefined;
  events: EventFeed;
  captures: { publish(capture: CaptureInput): Promise<string> };
  /** Absent: there is no pipeline to look at, and the routes of ops answer `unavailable`. */
  ops?: OpsParts;
}
