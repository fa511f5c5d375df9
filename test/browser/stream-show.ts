import type { BlobStore } from "../../src/blobs/blob-store.ts";
import type { Severity, Verdict } from "../../src/capture/verdict.ts";
import type { Aspect, SceneName } from "../../src/local/sample-streams/pictures.ts";
import { flagged } from "../review.ts";
import { keepPicture } from "./evidence.ts";

/** What a stream shows. */
export interface StreamShow {
  /** Flagged frames, 1 unless said, two seconds apart. */
  frames?: number;
  category?: string;
  severity?: Severity;
  /** Of the frames in turn. */
  scores?: readonly number[];
  scene?: SceneName;
  aspect?: Aspect;
  live?: boolean;
  /** Further facts as the platform tells them: `viewers`, `title`, `streamerId`, `streamStartedAt`. */
  attributes?: Record<string, string>;
  /** When the last frame was taken, ms since 1970. */
  lastAtMs?: number;
  /** Scores of captures before the first flagged one, whose thumbnails come with it. */
  before?: readonly number[];
  /** Without a picture that was kept. */
  bare?: boolean;
  captureId?: (frame: number) => string;
}

const severityOf: Record<string, Severity> = { "drawn-pornography": "high", suggestive: "low" };

/** The verdicts of a stream's flagged frames. @param serial makes the ids of captures new each time */
export async function verdictsOf(
  store: BlobStore,
  streamId: string,
  serial: number,
  show: StreamShow,
): Promise<Verdict[]> {
  const { frames = 1, category = "pornography", scores = [0.94], scene = "drawing", aspect, live = true } = show;
  const lastAtMs = show.lastAtMs ?? Date.now() - 500;
  const firstAtMs = lastAtMs - (frames - 1) * 2_000;
  const before = await Promise.all(
    (show.before ?? []).map(async (score, at, all) => ({
      captureId: `earlier-${serial}-${at + 1}`,
      capturedAt: new Date(firstAtMs - (all.length - at) * 2_000).toISOString(),
      scores: [{ model: "nsfw", version: "1", scores: { Porn: score } }],
      thumbnail: (await keepPicture(store, scene, 1 + ((serial + at) % 4), aspect)).thumbnail,
    })),
  );
  return Promise.all(
    Array.from({ length: frames }, async (_, at) => {
      const picture = show.bare ? {} : await keepPicture(store, scene, 1 + ((serial + at) % 4), aspect);
      return flagged(streamId, show.captureId?.(at + 1) ?? `shown-${serial}-${at + 1}`, {
        category,
        severity: show.severity ?? severityOf[category] ?? "severe",
        score: scores[at % scores.length] ?? 0.94,
        takenAtMs: firstAtMs + at * 2_000,
        attributes: { live: String(live), ...show.attributes },
        ...(at === 0 && before.length > 0 ? { before } : {}),
        ...picture,
      });
    }),
  );
}
