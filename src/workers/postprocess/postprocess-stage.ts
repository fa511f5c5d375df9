/**
 * The one exit of the pipeline. Per batch:
 *
 *     judge ► keep evidence ► fence again ► publish ► settle
 *
 * A capture is settled only after Pub/Sub has confirmed its verdict: dying before that repeats the work,
 * dying between the two may publish the verdict twice, and nothing is lost either way.
 */
import { BlobError, type BlobStore } from "../../blobs/blob-store.ts";
import { Concluded } from "../../capture/item.ts";
import type { Verdict } from "../../capture/verdict.ts";
import type { CaptureStates } from "../../pipeline/capture-states.ts";
import { eachOf, type Outcome, type Stage, type StageContext } from "../../pipeline/stage.ts";
import type { Policy } from "../../policy/policy.ts";
import { verdictSeconds, verdictsTotal } from "../../telemetry/metrics.ts";
import { createEvidenceKeeper } from "./evidence.ts";
import { type Judged, judgeBatch } from "./judge-batch.ts";
import type { StreamMemory } from "./stream-memory.ts";
import type { VerdictPublisher } from "./verdict-publisher.ts";
import type { VerdictTally } from "./verdict-tally.ts";

export interface PostprocessDependencies {
  policy: () => Policy;
  blobs: BlobStore;
  evidence: BlobStore;
  verdicts: VerdictPublisher;
  states: CaptureStates;
  streams: StreamMemory;
  tally: Pick<VerdictTally, "count" | "keepsPicture">;
}

export function createPostprocessStage(dependencies: PostprocessDependencies): Stage<Concluded, null> {
  const { policy, blobs, evidence, verdicts, states, streams, tally } = dependencies;
  const keep = createEvidenceKeeper(blobs, evidence);

  const keepWhatIsReviewed = async (
    item: Concluded,
    { verdict, before }: Judged,
    context: StageContext,
  ): Promise<Verdict> => {
    if (verdict.review === "none") return verdict;
    const picture = keep.picture(item).catch((error: unknown) => {
      if (!(error instanceof BlobError) || error.code === "unavailable") throw error;
      // The picture is gone for good. A verdict without evidence is worth more than none.
      context.log.error({ captureId: verdict.captureId, err: error.message }, "evidence is missing");
      return null;
    });
    const [kept, thumbnail, earlier] = await Promise.all([
      picture,
      keep.thumbnail(item),
      before && keep.before(before),
    ]);
    return { ...verdict, evidence: kept, thumbnail, ...(earlier ? { before: earlier } : {}) };
  };

  const run = async (items: readonly Concluded[], context: StageContext): Promise<Outcome<null>[]> => {
    const judged = await judgeBatch(items, policy(), streams, context);
    const concluded = await Promise.allSettled(
      items.map(async (item, index) => keepWhatIsReviewed(item, judged[index] ?? missingVerdict(), context)),
    );
    const known = await states.states(items.map((item) => item.capture.captureId));
    const published = await Promise.allSettled(
      concluded.map(async (result, index) => {
        if (result.status === "rejected") throw result.reason;
        const item = items[index];
        if (known[index] === "settled" || !item) return;
        await verdicts.publish(result.value, item.traceparent);
        count(result.value);
        tally.count(result.value, item);
        if (result.value.verdict === "flagged") {
          const { captureId, streamId, findings } = result.value;
          context.log.info(
            { captureId, streamId, category: findings[0]?.category, score: findings[0]?.score },
            "capture flagged",
          );
        }
      }),
    );
    const durable = items.filter((_, index) => published[index]?.status === "fulfilled");
    await states.settle(durable.map(({ capture, ingressId }) => ({ captureId: capture.captureId, ingressId })));
    return published.map(toOutcome);
  };

  return {
    name: "postprocess",
    input: Concluded,
    run: (items, context) => eachOf(items.length, run(items, context)),
    async release(items) {
      const blobsOfItems = items.flatMap(({ image }) => (image && !tally.keepsPicture(image.blob) ? [image.blob] : []));
      await blobs.delete(blobsOfItems).catch(() => undefined);
    },
  };
}

function toOutcome(result: PromiseSettledResult<void>): Outcome<null> {
  if (result.status === "fulfilled") return { kind: "done", value: null };
  const error: unknown = result.reason;
  return {
    kind: "retry",
    reason: error instanceof BlobError ? "blob-store-unavailable" : "stage-error",
    detail: error instanceof Error ? error.message : "the verdict could not be published",
  };
}

function missingVerdict(): never {
  throw new Error("postprocess lost a verdict of its own batch");
}

function count(verdict: Verdict): void {
  verdictsTotal.inc({ verdict: verdict.verdict, reason: verdict.reason ?? "" });
  verdictSeconds.observe((verdict.decidedAtMs - verdict.times.receivedAtMs) / 1000);
}
