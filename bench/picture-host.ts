import { once } from "node:events";
import { createServer } from "node:http";
import { samplePicture } from "../src/local/sample-streams/pictures.ts";

/** The pictures that every benchmark works on: 1280 x 720 JPEGs of 150 to 250 KB, clean and flagged ones. */
export function benchPictures(): Promise<Uint8Array[]> {
  const seeds = [1, 2, 3, 4];
  return Promise.all([
    ...seeds.flatMap((seed) => [samplePicture("room", seed), samplePicture("gradient", seed)]),
    ...seeds.map((seed) => samplePicture("skin", seed)),
    ...seeds.map((seed) => samplePicture("drawing", seed)),
  ]);
}

/** Serves the pictures under any path with a number in it. */
export async function servePictures(): Promise<{ address: string; close(): void }> {
  const pictures = await benchPictures();
  const server = createServer((request, response) => {
    const picture = pictures[Number(/\d+/.exec(request.url ?? "")?.[0] ?? 0) % pictures.length];
    response.writeHead(200, { "content-type": "image/jpeg", "content-length": picture?.length }).end(picture);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the picture host has no port");
  return { address: `127.0.0.1:${address.port}`, close: () => server.close() };
}
