import sharp from "sharp";
import { addGrain } from "./grain.ts";
import { createRandom } from "./random.ts";
import { canvas, type Scene } from "./scenes/canvas.ts";
import { drawing } from "./scenes/drawing.ts";
import { gradient } from "./scenes/gradient.ts";
import { room } from "./scenes/room.ts";
import { skin } from "./scenes/skin.ts";

const scenes = { room, gradient, skin, drawing } as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;

/** How coarse a camera's grain each scene has, in levels of 255; it is what gives the files their size. */
const grain: Record<SceneName, number> = { room: 6, gradient: 8, skin: 4, drawing: 6 };

/** How a stream's camera is held. A portrait shows the middle of the scene, larger. */
export type Aspect = "landscape" | "portrait";

const frames = {
  landscape: { ...canvas, left: 0, seen: canvas.width },
  portrait: {
    width: canvas.height,
    height: canvas.width,
    left: (canvas.width - canvas.height ** 2 / canvas.width) / 2,
    seen: canvas.height ** 2 / canvas.width,
  },
} as const satisfies Record<Aspect, { width: number; height: number; left: number; seen: number }>;

/**
 * A harmless, generated picture, as a JPEG of 1280 x 720 or, as portrait, 720 x 1280, of some 100 to 350 KB. "room" and "gradient" are clean to
 * the demo model, "drawing" it knows for what it is, "skin" it flags for many seeds.
 *
 * @param seed decides what is seen; equal arguments give equal bytes
 * @param moment seconds into the clip: what is seen moves
 */
export async function samplePicture(
  scene: SceneName,
  seed: number,
  moment = 0,
  aspect: Aspect = "landscape",
): Promise<Uint8Array> {
  const { width, height, left, seen } = frames[aspect];
  const content = scenes[scene](createRandom(seed), moment);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} 0 ${seen} ${canvas.height}">${content}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  addGrain(data, { strength: grain[scene], seed: seed * 1_000 + Math.round(moment * 30) });
  return await sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();
}
