/** What a publisher serves of its own machine, and to whom. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PictureServer, startPictureServer } from "../../src/producer/picture-server.ts";

let server: PictureServer;
let folder: string;

beforeEach(async () => {
  server = await startPictureServer();
  folder = mkdtempSync(join(tmpdir(), "briareus-pictures-"));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const fetched = ({ fetched }: { fetched: Promise<void> }) =>
  Promise.race([fetched.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);

test("files and bytes are served as they are, under paths that differ and cannot be guessed", async () => {
  const file = join(folder, "ä picture.JPG");
  writeFileSync(file, "file's bytes");
  const pictures = [
    server.serve({ file }),
    server.serve({ file }),
    server.serve({ bytes: Buffer.from("frame's bytes") }),
  ];
  expect(new Set(pictures.map(({ uri }) => uri)).size).toBe(3);
  for (const { uri } of pictures) expect(uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[A-Za-z0-9_-]{24}\.jpg$/);
  const bodies = await Promise.all(pictures.map(async ({ uri }) => (await fetch(uri)).text()));
  expect(bodies).toEqual(["file's bytes", "file's bytes", "frame's bytes"]);
});

test("nothing else is served: no other path, no file beside one that is, nothing that was withdrawn", async () => {
  writeFileSync(join(folder, "a.jpg"), "a");
  writeFileSync(join(folder, "secret.jpg"), "secret");
  const picture = server.serve({ file: join(folder, "a.jpg") });
  const paths = ["/", "/a.jpg", "secret.jpg", "%2e%2e/secret.jpg", `${picture.uri}/../secret.jpg`, `${picture.uri}?x`];
  for (const path of paths) expect((await fetch(new URL(path, picture.uri))).status, path).toBe(404);
  expect((await fetch(picture.uri)).status).toBe(200);
  picture.withdraw();
  expect((await fetch(picture.uri)).status).toBe(404);
});

test("a picture counts as fetched when it was read to its end", async () => {
  const picture = server.serve({ bytes: Buffer.alloc(20 * 2 ** 20) });
  const request = get(picture.uri);
  const [response] = await once(request, "response");
  expect(await fetched(picture)).toBe(false);
  for await (const _ of response);
  await picture.fetched;
});

test("a file that is gone is answered with 404, and counts as fetched: nobody asks again", async () => {
  const picture = server.serve({ file: join(folder, "gone.jpg") });
  expect((await fetch(picture.uri)).status).toBe(404);
  await picture.fetched;
});

test("an address of another machine is refused", async () => {
  await expect(startPictureServer("203.0.113.9")).rejects.toMatchObject({
    code: "picture-server",
    message: "pictures cannot be served on 203.0.113.9: it is not an address of this machine",
  });
});
