import { ReviewError } from "../review-error.ts";
import type { OpsParts } from "./ops-parts.ts";

/** @throws ReviewError `unavailable` where there is no pipeline to look at */
export function present(ops: OpsParts | undefined): OpsParts {
  if (ops) return ops;
  throw new ReviewError("unavailable", "This review process is not connected to a pipeline.");
}

/** Redis's own errors say nothing to people. @throws ReviewError `unavailable` in their place; others as they are */
export async function whileRedisAnswers<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && isOfRedis(error))
      throw new ReviewError("unavailable", "Redis does not answer. Try again in a moment.");
    throw error;
  }
}

const isOfRedis = (error: Error) =>
  /^(Command timed out|Connection is closed|Stream isn't writeable|Reached the max retries)/.test(error.message) ||
  error.name === "MaxRetriesPerRequestError";
