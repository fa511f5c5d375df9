/** Verdicts as a bad minute has them: many streams at once, each flagged once a second for a while, then another. */
import type { EarlierCapture, Verdict } from "../../src/capture/verdict.ts";

const streams = 2_000;
const framesPerStream = 20;
const framesBefore = 10;

/** The verdict of that number; each 20th is the first of a stream and brings the frames before it. */
export function flaggedVerdict(number: number, nowMs: number): Verdict {
  const slot = number % streams;
  const round = Math.floor(number / streams) + (slot % framesPerStream);
  const streamId = `stream-${slot}-${Math.floor(round / framesPerStream)}`;
  const captureId = `${streamId}/${number}`;
  const scores = [
    { model: "nsfw", version: "7", scores: { Porn: 0.91, Hentai: 0.03, Sexy: 0.04, Drawing: 0.01, Neutral: 0.01 } },
  ];
  const earlier = (index: number): EarlierCapture => ({
    captureId: `${captureId}-${index}`,
    capturedAt: new Date(nowMs - (framesBefore - index) * 1_000).toISOString(),
    scores: [{ model: "nsfw", version: "7", scores: { Porn: 0.2, Hentai: 0.03, Sexy: 0.04 } }],
    thumbnail: `gs://evidence/thumbnails/2026-11-22/${number}-${index}.jpg`,
  });
  const isFirst = round % framesPerStream === 0;
  return {
    schemaVersion: 1,
    captureId,
    streamId,
    capturedAt: new Date(nowMs - 500).toISOString(),
    imageUri: `https://captures.example/${captureId}.jpg`,
    attributes: {
      viewers: String(100 + (number % 5_000)),
      title: `Evening walk ${slot}`,
      streamerId: `streamer-${slot}`,
      streamStartedAt: "2026-11-22T18:00:00Z",
    },
    verdict: "flagged",
    reason: null,
    detail: null,
    findings: [
      {
        category: slot % 3 === 0 ? "drawn-pornography" : "pornography",
        severity: slot % 3 === 0 ? "high" : "severe",
        score: 0.91,
        threshold: 0.8,
        rule: "single-frame",
        model: "nsfw",
        label: "Porn",
      },
    ],
    scores,
    policyVersion: "nsfw-1",
    review: "flagged",
    evidence: `gs://evidence/evidence/2026-11-22/${number}.jpg`,
    thumbnail: `gs://evidence/thumbnails/2026-11-22/${number}.jpg`,
    width: 1_280,
    height: 720,
    ...(isFirst ? { before: Array.from({ length: framesBefore }, (_, index) => earlier(index)) } : {}),
    times: { receivedAtMs: nowMs - 400 },
    decidedAtMs: nowMs,
  };
}
