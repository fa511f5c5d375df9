import { fileURLToPath } from "node:url";
import { openBlobStore } from "../blobs/open-blob-store.ts";
import { openDatabase } from "../review/database/connection.ts";
import { defaultTiming, type ReviewContext } from "../review/review-context.ts";
import { createReviewService, type ReviewService } from "../review/review-service.ts";
import type { AppContext } from "./context.ts";
import { reloadedPolicy } from "./reloaded-policy.ts";

const consoleFolder = fileURLToPath(new URL("../console/dist", import.meta.url));

/**
 * The review process as the settings say. @throws PolicyError
 * @param overrides from the command line
 */
export async function createReview(
  { settings, log, policy, blobs: transit }: AppContext,
  overrides: { host?: string; port?: number } = {},
): Promise<ReviewService> {
  const { review, pubsub, blobs, database } = settings;
  const context: ReviewContext = {
    db: openDatabase(database.url, { log }),
    log,
    now: Date.now,
    policy: await reloadedPolicy(policy, log),
    evidence: openBlobStore(blobs.evidenceUrl, { log }),
    timing: { ...defaultTiming, ...review.timing },
  };
  return createReviewService(context, {
    host: overrides.host ?? review.host,
    port: overrides.port ?? review.port,
    publicUrl: review.url,
    oidc: review.oidc,
    trustedProxies: review.trustedProxies,
    consoleFolder,
    pipeline: {
      redisUrl: settings.redisUrl,
      blobs: transit,
      modelServer: settings.inference.statisticsAddress,
      deadlineMs: settings.captures.deadlineMs,
    },
    pubsub,
  });
}
