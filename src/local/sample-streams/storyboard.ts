import type { Aspect, SceneName } from "./pictures.ts";

/** One picture of a stream: what is seen and how far into the clip. */
export interface Shot {
  scene: SceneName;
  seed: number;
  moment: number;
  aspect: Aspect;
}

/** Longer than an incident waits for further frames, so that each flagged scene is an incident of its own. */
const cycleSeconds = 160;
const flaggedSeconds = 6;
/** The first stream shows its flagged scene so soon after the start that nobody has to wait for one. */
const firstFlaggedSeconds = 1;
/** Few clips and moments, shown again and again: drawing a picture costs more than moderating it. */
const momentsPerClip = 4;
const rooms = [1, 2, 4, 5];
const gradients = [1, 3];
/** Seeds of skin-toned shapes that the demo model scores above 0.9 at every moment. */
const flagged: Record<Aspect, readonly number[]> = { landscape: [14, 16, 19, 30], portrait: [19, 40] };
/** A seed that it scores from 0.67 to 0.73: below every single-frame threshold, but for seconds on end. */
const sustained = 32;

/**
 * What a simulated stream shows at a time: clean scenes, and for some seconds of each cycle a flagged one. Streams
 * take turns, so that a new incident comes about every `cycleSeconds / streams`. Every third is a portrait, and every sixth shows
 * what only a sustained rule finds.
 */
export function shotOf(stream: number, streams: number, seconds: number): Shot {
  const turn = (stream * cycleSeconds) / streams;
  const phase = (seconds - firstFlaggedSeconds - turn + 2 * cycleSeconds) % cycleSeconds;
  const moment = Math.floor(seconds) % momentsPerClip;
  const aspect = stream % 3 === 1 ? "portrait" : "landscape";
  const pick = (seeds: readonly number[]) => seeds[stream % seeds.length] ?? 1;
  if (phase < flaggedSeconds) {
    const seed = stream % 6 === 3 ? sustained : pick(flagged[aspect]);
    return { scene: "skin", seed, moment, aspect };
  }
  return stream % 3 === 2
    ? { scene: "gradient", seed: pick(gradients), moment, aspect }
    : { scene: "room", seed: pick(rooms), moment, aspect };
}
