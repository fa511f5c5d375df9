import { Concluded, Fetched, InFlight, Preprocessed } from "../../src/capture/item.ts";
import type { CaptureStates } from "../../src/pipeline/capture-states.ts";
import { eachOf, type Stage } from "../../src/pipeline/stage.ts";

/** The four stages with everything but their work: what remains is what the transport costs. */
export function noopStages(states: CaptureStates) {
  const fetch: Stage<InFlight, Fetched> = {
    name: "fetch",
    input: InFlight,
    run: (items) =>
      items.map(async (item) => done({ ...item, image: { blob: "file:i", bytes: 350_000, type: "image/jpeg" } })),
  };
  const preprocess: Stage<Fetched, Preprocessed> = {
    name: "preprocess",
    input: Fetched,
    run: (items) =>
      items.map(async (item, row) =>
        done({ ...item, tensors: [{ spec: "uint8-nhwc-224x224x3", blob: "file:t", row, rows: items.length }] }),
      ),
  };
  const infer: Stage<Preprocessed, Concluded> = {
    name: "infer",
    input: Preprocessed,
    run: (items) =>
      items.map(async ({ tensors: _, ...item }) => {
        const scores = [
          { model: "nsfw", version: "1", scores: { Drawing: 0.1, Hentai: 0, Neutral: 0.9, Porn: 0, Sexy: 0 } },
        ];
        return done({ ...item, result: { kind: "scored" as const, scores } });
      }),
  };
  const postprocess: Stage<Concluded, null> = {
    name: "postprocess",
    input: Concluded,
    run: (items) =>
      eachOf(
        items.length,
        states
          .settle(items.map(({ capture, ingressId }) => ({ captureId: capture.captureId, ingressId })))
          .then(() => items.map(() => done(null))),
      ),
  };
  return { fetch, preprocess, infer, postprocess };
}

const done = <T>(value: T) => ({ kind: "done" as const, value });
