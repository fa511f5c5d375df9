/**
 * Publishes captures that failed to the captures topic again:
 *
 *     preview ──nothing came between──► published ► marked ► in the activity log
 *
 * A capture that is published and not marked, because Redis or this process went away, may be redriven again: it has the
 * same id then, and so one verdict.
 */

import type { z } from "zod";
import { readUnprocessable } from "../../pipeline/unprocessable.ts";
import type { CaptureInput } from "../../producer/publisher.ts";
import type { Actor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type { RedriveAnswer, RedrivePreview, RedrivePreviewRequest, RedriveRequest } from "../contract/ops-failures.ts";
import type { ReviewContext } from "../review-context.ts";
import { ReviewError } from "../review-error.ts";
import type { OpsParts } from "./ops-parts.ts";
import { planRedrive, type RedrivePlan } from "./redrive-scope.ts";
import { readMarks, writeMarks } from "./redriven-marks.ts";

type PreviewRequest = z.infer<typeof RedrivePreviewRequest>;
type Request = z.infer<typeof RedriveRequest>;

export async function previewRedrive(
  context: ReviewContext,
  ops: OpsParts,
  request: PreviewRequest,
): Promise<RedrivePreview> {
  return (await plan(context, ops, { ...request, asOfMs: context.now() })).preview;
}

/** @throws ReviewError `conflict` where the scope is no longer what the preview said */
export async function redrive(
  context: ReviewContext,
  ops: OpsParts,
  actor: Actor,
  request: Request,
  publish: (capture: CaptureInput) => Promise<string>,
): Promise<RedriveAnswer> {
  const { scope, why, count, pastDeadline } = request;
  const planned = await plan(context, ops, { ...request, asOfMs: Date.parse(request.asOf) });
  if (planned.publish.length !== count)
    throw new ReviewError(
      "conflict",
      `The preview said ${count}, and now it would be ${planned.publish.length}: look at it again.`,
    );
  const sent = await Promise.allSettled(planned.publish.map(({ capture }) => publish(capture)));
  const published = planned.publish.filter((_, index) => sent[index]?.status === "fulfilled");
  const failed = count - published.length;
  const at = context.now();
  const by = actor.name;
  await writeMarks(
    ops.redis,
    new Map(published.map(({ failure, capture }) => [failure.id, { atMs: at, by, captureId: capture.captureId }])),
  );
  const details = {
    scope: scope.kind === "some" ? { kind: "some", count: scope.ids.length } : scope,
    why,
    pastDeadline,
  };
  await appendActivity(context.db, {
    actor: actorName(actor),
    kind: "captures-redriven",
    details: { ...details, published: published.length, failed, reasons: planned.preview.reasons },
  });
  context.log.info({ actor: actorName(actor), published: published.length, failed, why }, "captures redriven");
  return { published: published.length, failed };
}

async function plan(
  { now }: ReviewContext,
  { redis, deadlineMs }: OpsParts,
  request: PreviewRequest & { asOfMs: number },
): Promise<RedrivePlan> {
  const failures = await readUnprocessable(redis);
  const marks = await readMarks(
    redis,
    failures.map(({ id }) => id),
  );
  return planRedrive(failures, { ...request, redrivenBefore: new Set(marks.keys()), deadlineMs, nowMs: now() });
}
