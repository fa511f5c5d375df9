/** Models, repositories and pictures for tests of what speaks to a model server. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { ensureDemoModel } from "../src/model-server/demo-model/ensure-demo-model.ts";

export const demoRepository = resolve(".briareus/models");

export interface TemporaryRepository {
  folder: string;
  /** Gives the model another version, a copy of the first. */
  addVersion(version: number): Promise<void>;
  write(path: string, content: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A repository of the demo model alone, its configuration changed. */
export async function repositoryWith(
  change: (config: string) => string = (config) => config,
): Promise<TemporaryRepository> {
  await ensureDemoModel(demoRepository);
  const folder = await mkdtemp(join(tmpdir(), "briareus-models-"));
  const model = join(folder, "nsfw");
  const onnx = join(demoRepository, "nsfw/1/model.onnx");
  const addVersion = async (version: number) => {
    await mkdir(join(model, String(version)), { recursive: true });
    await symlink(onnx, join(model, String(version), "model.onnx"));
  };
  await addVersion(1);
  const config = await readFile(join(demoRepository, "nsfw/config.pbtxt"), "utf8");
  await writeFile(join(model, "config.pbtxt"), change(config));
  return {
    folder,
    addVersion,
    write: async (path, content) => {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), content);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A harmless picture as the demo model takes it: uint8 [224, 224, 3]. */
async function picture(kind: "room" | "drawing", seed: number): Promise<Uint8Array> {
  const random = randomFrom(seed);
  const shapes = kind === "room" ? room(random) : drawing(random);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="224" height="224">${shapes}</svg>`;
  return await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

/** Pictures below one another, as one batch. */
export async function batchOf(count: number, kind: "room" | "drawing" = "drawing"): Promise<Uint8Array[]> {
  return await Promise.all(Array.from({ length: count }, (_, seed) => picture(kind, seed + 1)));
}

export function tensorOf(pictures: readonly Uint8Array[]): { bytes: Uint8Array; rows: number } {
  return { bytes: Buffer.concat(pictures), rows: pictures.length };
}

function room(random: () => number): string {
  const grey = (base: number) => Math.round(base + 30 * random());
  const wall = `rgb(${grey(170)},${grey(170)},${grey(160)})`;
  const floor = `rgb(${grey(100)},${grey(80)},${grey(60)})`;
  return `<defs><linearGradient id="light" x1="0" x2="1" y2="0.4"><stop stop-color="${wall}"/>
    <stop offset="1" stop-color="rgb(${grey(90)},${grey(95)},${grey(100)})"/></linearGradient></defs>
    <rect width="224" height="224" fill="url(#light)"/><rect y="150" width="224" height="74" fill="${floor}"/>
    <rect x="${20 + 80 * random()}" y="30" width="60" height="70" fill="rgb(190,215,235)" stroke="rgb(235,235,235)" stroke-width="5"/>`;
}

function drawing(random: () => number): string {
  const shapes = Array.from({ length: 15 + Math.floor(random() * 30) }, () => {
    const [x, y] = [224 * random(), 224 * random()];
    const corners = Array.from({ length: 3 + Math.floor(random() * 5) }, () => {
      return `${Math.round(x + 60 * random() - 30)},${Math.round(y + 60 * random() - 30)}`;
    });
    const colour = () => Math.round(120 + 130 * random());
    const fill = `rgb(${colour()},${colour()},${colour()})`;
    return `<polygon points="${corners.join(" ")}" fill="${fill}" stroke="rgb(20,20,30)" stroke-width="2"/>`;
  });
  return `<rect width="224" height="224" fill="rgb(245,242,232)"/>${shapes.join("")}`;
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
