import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import { type FakeGcs, fakeGcsIsWanted, startFakeGcs } from "../fake-gcs/start-fake-gcs.ts";
import { picture, startFetching } from "../fetching.ts";

describe("file:// images", () => {
  let parent: string;
  let root: string;
  const uri = (...path: string[]) => pathToFileURL(join(root, ...path)).href;
  const read = (imageUri: string, maxBytes = 1_000_000) => startFetching({ fileRoot: root, maxBytes }).one(imageUri);

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), "briareus-pictures-"));
    root = join(parent, "pictures");
    await mkdir(join(root, "folder"), { recursive: true });
    await mkdir(join(parent, "pictures-of-others"));
    await writeFile(join(root, "folder", "a b.jpg"), picture());
    await writeFile(join(root, "large.jpg"), picture(5000));
    await writeFile(join(root, "empty.jpg"), "");
    await writeFile(join(root, "notes.txt"), "no picture, but a text of some length");
    await writeFile(join(parent, "secret.jpg"), picture());
    await writeFile(join(parent, "pictures-of-others", "a.jpg"), picture());
    await symlink(join(parent, "secret.jpg"), join(root, "out.jpg"));
    await symlink(parent, join(root, "out"));
    await symlink(join(root, "folder", "a b.jpg"), join(root, "in.jpg"));
    await symlink("loop.jpg", join(root, "loop.jpg"));
    await promisify(execFile)("mkfifo", [join(root, "pipe.jpg")]);
  });
  afterAll(() => rm(parent, { recursive: true }));

  test("are read below the allowed folder, also through links that stay there", async () => {
    for (const name of ["folder/a b.jpg", "in.jpg"])
      expect(await read(uri(name))).toMatchObject({
        kind: "done",
        value: { image: { bytes: 1000, type: "image/jpeg" } },
      });
  });

  test("are refused outside of it, whether there is such a file or not", async () => {
    const base = pathToFileURL(root).href;
    const paths = [
      pathToFileURL(join(parent, "secret.jpg")).href,
      `${base}/../secret.jpg`,
      `${base}/%2e%2e/secret.jpg`,
      `${base}/..%2fsecret.jpg`,
      `${base}/folder/../../missing.jpg`,
      `${base}-of-others/a.jpg`,
      `${base}/a%00.jpg`,
      `${base}`,
      "file:///etc/passwd",
      `file://localhost.example${root}/folder/a%20b.jpg`,
      uri("out.jpg"),
      uri("out", "secret.jpg"),
      uri("loop.jpg"),
    ];
    for (const path of paths) expect(await read(path), path).toMatchObject({ kind: "reject", reason: "path-refused" });
  });

  test("are refused when they are folders or pipes", async () => {
    for (const name of ["folder", "pipe.jpg"])
      expect(await read(uri(name)), name).toMatchObject({ kind: "reject", reason: "path-refused" });
  });

  test("are refused when missing, empty, too large or no image", async () => {
    expect(await read(uri("missing.jpg"))).toMatchObject({ kind: "reject", reason: "not-found" });
    expect(await read(uri("notes.txt", "a.jpg"))).toMatchObject({ kind: "reject", reason: "not-found" });
    expect(await read(uri("empty.jpg"))).toMatchObject({ kind: "reject", reason: "image-empty" });
    expect(await read(uri("notes.txt"))).toMatchObject({ kind: "reject", reason: "wrong-type" });
    expect(await read(uri("large.jpg"), 4999)).toMatchObject({ kind: "reject", reason: "image-too-large" });
    expect(await read(uri("large.jpg"), 5000)).toMatchObject({ kind: "done" });
  });

  test("are refused altogether where no folder is allowed", async () => {
    expect(await startFetching().one(uri("in.jpg"))).toMatchObject({ kind: "reject", reason: "unsupported-scheme" });
  });
});

const wanted = await fakeGcsIsWanted();
if (wanted) describe("gs:// images", describeObjects);

function describeObjects() {
  let gcs: FakeGcs;
  beforeAll(async () => {
    gcs = await startFakeGcs();
    process.env.STORAGE_EMULATOR_HOST = gcs.url;
    const objects = openBlobStore(`gs://${gcs.bucket}`);
    await objects.put(picture(5000), { key: "streams/a.jpg" });
    await objects.put(Buffer.from("no picture, but a text of some length"), { key: "notes.txt" });
  }, 300_000);
  afterAll(() => gcs?.stop());

  test("are read from their bucket", async () => {
    expect(await startFetching().one(`gs://${gcs.bucket}/k/streams/a.jpg`)).toMatchObject({
      kind: "done",
      value: { image: { bytes: 5000, type: "image/jpeg" } },
    });
  });

  test("are refused when missing, too large or no image", async () => {
    const fetching = startFetching({ maxBytes: 4999 });
    const of = (name: string) => fetching.one(`gs://${gcs.bucket}/k/${name}`);
    expect(await of("missing.jpg")).toMatchObject({ kind: "reject", reason: "not-found" });
    expect(await of("streams/a.jpg")).toMatchObject({ kind: "reject", reason: "image-too-large" });
    expect(await of("notes.txt")).toMatchObject({ kind: "reject", reason: "wrong-type" });
    expect(await fetching.one("gs://other-bucket/a.jpg")).toMatchObject({ kind: "reject", reason: "not-found" });
  });

  test("are tried again when Cloud Storage is away", async () => {
    await gcs.stop();
    expect(await startFetching().one(`gs://${gcs.bucket}/k/streams/a.jpg`)).toMatchObject({
      kind: "retry",
      reason: "host-unreachable",
    });
  });
}
