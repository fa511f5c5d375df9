import type { SceneName } from "./pictures.ts";

/** One picture of a stream: what is seen and how far into the clip. */
export interface Shot {
  scene: SceneName;
  seed: number;
  moment: number;
}

const cycleSeconds = 24;
const flaggedSeconds = 5;
/** Few clips and moments, shown again and again: drawing a picture costs more than moderating it. */
const momentsPerClip = 4;
const rooms = [1, 2, 4, 5];
const gradients = [1, 3];
/** Seeds of skin-toned shapes that the demo model scores above 0.9 at every moment. */
const flagged = [14, 16, 19, 30];

/**
 * What a simulated stream shows at a time: clean scenes, and for some seconds of each cycle a flagged one. Streams
 * are out of step, so that there is always one that needs a moderator.
 */
export function shotOf(stream: number, streams: number, seconds: number): Shot {
  const phase = (seconds + (stream * cycleSeconds) / streams) % cycleSeconds;
  const moment = Math.floor(seconds) % momentsPerClip;
  const pick = (seeds: readonly number[]) => seeds[stream % seeds.length] ?? 1;
  if (phase >= cycleSeconds - flaggedSeconds) return { scene: "skin", seed: pick(flagged), moment };
  return stream % 3 === 2
    ? { scene: "gradient", seed: pick(gradients), moment }
    : { scene: "room", seed: pick(rooms), moment };
}
