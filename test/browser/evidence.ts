import sharp from "sharp";
import type { BlobStore } from "../../src/blobs/blob-store.ts";
import { type Aspect, type SceneName, samplePicture } from "../../src/local/sample-streams/pictures.ts";

/** Where a picture is in the evidence store, as in a verdict. */
export interface KeptPicture {
  evidence: string;
  thumbnail: string;
  width: number;
  height: number;
}

const thumbnailPx = 160;
const made = new Map<string, Promise<{ sharp: Uint8Array; thumbnail: Uint8Array }>>();

/** Puts a generated picture and its thumbnail into the store, as the pipeline does. Equal arguments give equal pictures. */
export async function keepPicture(
  store: BlobStore,
  scene: SceneName,
  seed: number,
  aspect: Aspect = "landscape",
): Promise<KeptPicture> {
  const name = `${scene}-${seed}-${aspect}`;
  const picture = made.get(name) ?? makePicture(scene, seed, aspect);
  made.set(name, picture);
  const { sharp: bytes, thumbnail } = await picture;
  const [width, height] = aspect === "landscape" ? [1280, 720] : [720, 1280];
  return {
    evidence: await store.put(bytes, { key: `evidence/${name}.jpg` }),
    thumbnail: await store.put(thumbnail, { key: `evidence/${name}.thumbnail.jpg` }),
    width,
    height,
  };
}

async function makePicture(scene: SceneName, seed: number, aspect: Aspect) {
  const bytes = await samplePicture(scene, seed, seed, aspect);
  const thumbnail = await sharp(bytes).resize(thumbnailPx, thumbnailPx, { fit: "inside" }).jpeg().toBuffer();
  return { sharp: bytes, thumbnail };
}
