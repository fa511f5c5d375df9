import type { Random } from "../random.ts";

/** Every scene is drawn on 1280 x 720 and rendered at whatever size is wanted. */
export const canvas = { width: 1280, height: 720 } as const;

/** A scene as SVG at a moment of its clip, in seconds. Equal arguments give equal pictures. */
export type Scene = (random: Random, moment: number) => string;

/** To and fro around 0 within `reach`, at a pace and from a phase that the seed decides. */
export function sway(random: Random, moment: number, reach: number): number {
  const [pace, phase] = [random.between(0.3, 0.9), random.between(0, 2 * Math.PI)];
  return Math.sin(moment * pace + phase) * reach;
}

export const round = (value: number): number => Math.round(value * 10) / 10;
