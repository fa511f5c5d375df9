import type { Redis } from "ioredis";
import type { z } from "zod";
import { redriveOf } from "../../capture/redrive.ts";
import { readUnprocessable, type Unprocessable } from "../../pipeline/unprocessable.ts";
import type { UnprocessableCapture, UnprocessablePage, UnprocessableQuery } from "../contract/ops-failures.ts";
import { ReviewError } from "../review-error.ts";
import { captureOf, countBy } from "./redrive-scope.ts";
import { type Mark, readMarks } from "./redriven-marks.ts";

/**
 * Captures that could not be processed, newest first, a page at a time.
 * @throws ReviewError `invalid` for a cursor whose capture is no longer remembered
 */
export async function readUnprocessablePage(
  redis: Redis,
  { reason, cursor, limit }: z.infer<typeof UnprocessableQuery>,
  nowMs: number,
): Promise<UnprocessablePage> {
  const all = await readUnprocessable(redis);
  const matching = reason === undefined ? all : all.filter((each) => each.reason === reason);
  const after = cursor === undefined ? -1 : matching.findIndex(({ id }) => id === cursor);
  if (cursor !== undefined && after < 0)
    throw new ReviewError("invalid", "The cursor is not of this list any more: begin again without one.");
  const shown = matching.slice(after + 1, after + 1 + limit);
  const marks = await readMarks(
    redis,
    shown.map(({ id }) => id),
  );
  const last = after + 1 + limit < matching.length ? shown.at(-1) : undefined;
  return {
    items: shown.map((failure) => viewOf(failure, marks.get(failure.id), nowMs)),
    next: last?.id ?? null,
    total: matching.length,
    reasons: countBy(all.map((each) => each.reason)),
  };
}

function viewOf(failure: Unprocessable, mark: Mark | undefined, nowMs: number): UnprocessableCapture {
  const { picture, failedAtMs, attributes, ...facts } = failure;
  const capture = captureOf(failure);
  return {
    ...facts,
    attributes: attributes ?? {},
    failedAt: new Date(failedAtMs).toISOString(),
    picture: picture && picture.untilMs > nowMs ? "available" : "none",
    redriveOf: attributes?.[redriveOf] ?? null,
    redriven: mark ? { at: new Date(mark.atMs).toISOString(), by: mark.by, captureId: mark.captureId } : null,
    cannotRedrive: typeof capture === "string" ? capture : null,
  };
}
