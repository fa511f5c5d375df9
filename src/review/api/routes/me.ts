import { z } from "zod";
import { initialsOf } from "../../access/actor.ts";
import { comesFromThisMachine } from "../../access/local-sign-in.ts";
import { DecisionView } from "../../contract/incident.ts";
import { Exposure, Me, Preferences, RevealRequest } from "../../contract/me.ts";
import { recentDecisions } from "../../decisions/recent.ts";
import { exposureOf } from "../../exposure/budget.ts";
import { recordReveals } from "../../exposure/reveals.ts";
import { categoryWords } from "../../me/category-words.ts";
import { changePreferences, PreferencesChange, readPreferences } from "../../me/preferences.ts";
import { readSetting } from "../../settings/review-settings.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";
import { nothing } from "../parameters.ts";
import { localRequest, offersLocal } from "./sign-in.ts";

export function meRoutes(app: Api, parts: ApiParts): void {
  const { context } = parts;
  const tags = ["me"];
  const viewer = { access: { role: "viewer" } } as const;

  app.get(
    "/v1/me",
    {
      config: viewer,
      schema: { tags, summary: "Who is signed in, and what the console begins with", response: { 200: Me } },
    },
    async (request) => {
      const { id, name, role, scopes } = personActor(request);
      const policy = context.policy();
      const { leaseMs, heartbeatMs, severeUndoMs, skipMs } = context.timing;
      return {
        user: { id, name, initials: initialsOf(name), role, scopes: [...scopes] },
        csrf: request.session?.csrf ?? "",
        preferences: await readPreferences(context, id),
        actions: (await readSetting(context, "actions")).actions,
        categories: categoryWords(policy),
        policyVersion: policy.version,
        limits: await readSetting(context, "exposure"),
        exposure: await exposureOf(context, id),
        timing: { leaseMs, heartbeatMs, severeUndoMs, skipMs },
        serverTime: new Date(context.now()).toISOString(),
        local: offersLocal(parts) && comesFromThisMachine(localRequest(request)),
      };
    },
  );

  app.patch(
    "/v1/me/preferences",
    {
      config: viewer,
      schema: {
        tags,
        summary: "Change some preferences; the others stay",
        body: PreferencesChange,
        response: { 200: Preferences },
      },
    },
    (request) => changePreferences(context, personActor(request).id, request.body),
  );

  app.get(
    "/v1/me/exposure",
    {
      config: viewer,
      schema: { tags, summary: "What you have looked at; nobody else sees it", response: { 200: Exposure } },
    },
    (request) => exposureOf(context, personActor(request).id),
  );

  app.get(
    "/v1/me/decisions",
    {
      config: { access: { role: "moderator" } },
      schema: { tags, summary: "Your last ten decisions, newest first", response: { 200: z.array(DecisionView) } },
    },
    (request) => recentDecisions(context, personActor(request), recentCount),
  );

  app.post(
    "/v1/reveals",
    {
      config: viewer,
      schema: { tags, summary: "Tell how long pictures were looked at", body: RevealRequest, response: nothing },
    },
    async (request, reply) => {
      await recordReveals(context, personActor(request), request.body.reveals);
      return reply.code(204).send(null);
    },
  );
}

const recentCount = 10;
