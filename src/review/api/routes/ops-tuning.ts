/** Tuning of the pools: every change carries the version that it was made from, and why. */
import {
  OpsTuning,
  RestoreRequest,
  TuningChangeRequest,
  TuningLog,
  TuningLogQuery,
  TuningPreview,
  TuningRequest,
  TuningStep,
} from "../../contract/ops-tuning.ts";
import { previewTuning } from "../../ops/preview-tuning.ts";
import { present, whileRedisAnswers } from "../../ops/redis-away.ts";
import { opsTuning } from "../../ops/tune.ts";
import type { Api, ApiParts } from "../api.ts";
import { anyActor } from "../guard.ts";

export function opsTuningRoutes(app: Api, { context, ops }: ApiParts): void {
  const tags = ["ops"];
  const config = { access: { role: "admin", scope: "ops" } } as const;
  const response = { 200: OpsTuning };
  const tuning = () => opsTuning(context, present(ops));

  app.get(
    "/v1/ops/tuning",
    { config, schema: { tags, summary: "What is tuned, what the defaults are, and what may be given", response } },
    () => whileRedisAnswers(() => tuning().read()),
  );

  app.get(
    "/v1/ops/tuning/log",
    {
      config,
      schema: {
        tags,
        summary: "Who changed what, and why, newest first",
        querystring: TuningLogQuery,
        response: { 200: TuningLog },
      },
    },
    ({ query }) => whileRedisAnswers(() => tuning().log(query.limit)),
  );

  app.post(
    "/v1/ops/tuning",
    {
      config,
      schema: {
        tags,
        summary: "Change the tuning, for good or on trial",
        description:
          "Only the fields that are named change; null brings the default back. With `tryMs` it is taken back after so long unless it is kept.",
        body: TuningRequest,
        response,
      },
    },
    (request) => whileRedisAnswers(() => tuning().change(anyActor(request), request.body)),
  );

  app.post(
    "/v1/ops/tuning/preview",
    {
      config,
      schema: {
        tags,
        summary: "What a change would do: workers, time to work off what is there, and which pool limits the others",
        body: TuningChangeRequest,
        response: { 200: TuningPreview },
      },
    },
    ({ body }) => whileRedisAnswers(() => previewTuning(present(ops), body, context.now())),
  );

  app.post(
    "/v1/ops/tuning/keep",
    { config, schema: { tags, summary: "Keep what is on trial", body: TuningStep, response } },
    (request) => whileRedisAnswers(() => tuning().keep(anyActor(request), request.body)),
  );

  app.post(
    "/v1/ops/tuning/revert",
    { config, schema: { tags, summary: "Take back what is on trial", body: TuningStep, response } },
    (request) => whileRedisAnswers(() => tuning().revert(anyActor(request), request.body)),
  );

  app.post(
    "/v1/ops/tuning/restore",
    {
      config,
      schema: { tags, summary: "Bring an earlier version back, as a new one", body: RestoreRequest, response },
    },
    (request) => whileRedisAnswers(() => tuning().restore(anyActor(request), request.body)),
  );
}
