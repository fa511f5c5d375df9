import swagger from "@fastify/swagger";
import type { FastifySchema } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { Capture } from "../../capture/capture.ts";
import { Finding } from "../../capture/verdict.ts";
import { type Access, inWords } from "../access/route-access.ts";
import { ApiKeyView, ReviewSetting, UserView } from "../contract/admin.ts";
import { ReviewEvent } from "../contract/events.ts";
import { BudgetNotice, Claim, HeartbeatAnswer, Hold, Waiting } from "../contract/hold.ts";
import {
  ActivityEntry,
  DecisionView,
  Frame,
  Incident,
  IncidentSummary,
  Person,
  StreamFacts,
} from "../contract/incident.ts";
import { Action, CategoryWords, Exposure, ExposureLimits, Me, Preferences } from "../contract/me.ts";
import { Measured, ModelFigures, OpsPool, PoolHistory } from "../contract/ops.ts";
import { RedrivePreview, RedriveScope, UnprocessableCapture } from "../contract/ops-failures.ts";
import { OpsTuning, StageSettings, TuningLogEntry, TuningPreview, TuningVersion } from "../contract/ops-tuning.ts";
import { Problem } from "../contract/problem.ts";
import { Quality } from "../contract/quality.ts";
import type { Api } from "./api.ts";

/** Shapes that have a name of their own in the document. */
const named = {
  Action,
  ActivityEntry,
  ApiKey: ApiKeyView,
  BudgetNotice,
  Capture,
  CategoryWords,
  Claim,
  Decision: DecisionView,
  Exposure,
  ExposureLimits,
  Finding,
  Frame,
  HeartbeatAnswer,
  Hold,
  Incident,
  IncidentSummary,
  Me,
  Measured,
  ModelFigures,
  OpsPool,
  OpsTuning,
  Person,
  PoolHistory,
  Preferences,
  Problem,
  Quality,
  RedrivePreview,
  RedriveScope,
  ReviewEvent,
  ReviewSetting,
  StageSettings,
  StreamFacts,
  TuningLogEntry,
  TuningPreview,
  TuningVersion,
  UnprocessableCapture,
  User: UserView,
  Waiting,
};

const description = `Incidents, holds and decisions of human review, and the pipeline that ops look after. People sign in and have a cookie; machines have a key.
docs/review-api.md in the repository tells how to use it.`;

/** Collects the routes that are added after it into an OpenAPI 3.1 document, which `/openapi.json` serves. */
export async function describeApi(app: Api): Promise<void> {
  const schemaRegistry = z.registry<{ id?: string }>();
  for (const [id, schema] of Object.entries(named)) schemaRegistry.add(schema, { id });
  const toJson = createJsonSchemaTransform({ schemaRegistry });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Briareus review", version: "1", description },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "briareus_session", description: "Of a signed-in person" },
          key: { type: "http", scheme: "bearer", description: "A key, brk_…, with the scope that the route names" },
        },
      },
    },
    transform: (input) => {
      const { schema, url } = toJson(input);
      const { access, csrf } = input.route.config ?? {};
      if (!access || !schema || schema.hide) return { schema, url };
      return { schema: withAccess(schema, access, changes(input.route.method) && csrf !== "body"), url };
    },
    transformObject: createJsonSchemaTransformObject({ schemaRegistry }),
  });
  app.get("/openapi.json", { config: { access: "public" }, schema: { hide: true } }, () => readApi(app));
}

/** The document, once all routes are there. */
export function readApi(app: Api): object {
  const { components, ...document } = z.looseObject({ components: Components }).parse(app.swagger());
  const reached = new Set<string>();
  const reach = (part: unknown) => {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (reached.has(name)) continue;
      reached.add(name);
      reach(components.schemas[name]);
    }
  };
  reach(document);
  // Each shape is there twice, as requests and as answers have it; most are one of the two only.
  const schemas = Object.fromEntries(Object.entries(components.schemas).filter(([name]) => reached.has(name)));
  return { ...document, components: { ...components, schemas } };
}

const Components = z.looseObject({ schemas: z.record(z.string(), z.unknown()) });

const changes = (method: string | string[]) => ![method].flat().every((each) => each === "GET");

function withAccess(schema: FastifySchema, access: Access, needsCsrf: boolean): FastifySchema {
  const words = access === "public" ? "Open to anybody." : `Needs ${inWords(access)}.`;
  const csrf =
    needsCsrf && access !== "public" && access.role ? " With a cookie it also needs the header `x-csrf-token`." : "";
  return {
    ...schema,
    description: [schema.description, `${words}${csrf}`].filter(Boolean).join("\n\n"),
    security: securityOf(access),
    response: {
      ...Object(schema.response),
      default: {
        description: "A problem (RFC 9457)",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function securityOf(access: Access): Record<string, string[]>[] {
  if (access === "public") return [];
  return [{ session: [] }, ...(access.scope ? [{ key: [access.scope] }] : [])];
}
