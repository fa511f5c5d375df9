import { z } from "zod";
import {
  ChangeSettingRequest,
  Retention,
  RetentionPreview,
  ReviewSetting,
  ReviewSettingName,
} from "../../contract/admin.ts";
import { previewRetention } from "../../evidence/retention.ts";
import { changeSetting, describeSetting } from "../../settings/review-settings.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";

const Params = z.object({ name: ReviewSettingName });

export function settingRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["settings"];
  const admin = { access: { role: "admin" } } as const;

  app.get(
    "/v1/settings/:name",
    {
      config: { access: { role: "viewer" } },
      schema: { tags, summary: "A setting and who changed it last", params: Params, response: { 200: ReviewSetting } },
    },
    (request) => describeSetting(context, request.params.name),
  );

  app.put(
    "/v1/settings/:name",
    {
      config: admin,
      schema: {
        tags,
        summary: "Change a setting",
        params: Params,
        body: ChangeSettingRequest,
        response: { 200: ReviewSetting },
      },
    },
    (request) => changeSetting(context, personActor(request), request.params.name, request.body),
  );

  app.post(
    "/v1/settings/retention/preview",
    {
      config: admin,
      schema: {
        tags,
        summary: "What a retention would delete, and when",
        body: Retention,
        response: { 200: RetentionPreview },
      },
    },
    (request) => previewRetention(context, request.body),
  );
}
