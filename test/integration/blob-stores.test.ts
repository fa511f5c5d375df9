import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { BlobStore } from "../../src/blobs/blob-store.ts";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import { fakeGcsIsWanted, startFakeGcs } from "../fake-gcs/start-fake-gcs.ts";
import { startRedis } from "../services.ts";

const within = { timeout: 20_000, interval: 20 };

interface Backend {
  url: string;
  breakDown(): Promise<void>;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

const backends: Record<string, { start(): Promise<Backend>; sweeps: boolean }> = {
  file: { start: startFolder, sweeps: true },
  redis: { start: startRedisBackend, sweeps: false },
};
if (await fakeGcsIsWanted()) backends.gcs = { start: startGcsBackend, sweeps: true };

describe.each(Object.entries(backends))("the %s blob store", (_name, { start, sweeps }) => {
  let backend: Backend;
  let store: BlobStore;
  beforeAll(async () => {
    backend = await start();
    store = openBlobStore(backend.url);
  }, 300_000);
  afterAll(async () => {
    await store?.close();
    await backend?.stop();
  });

  test("gives back what was put, under a reference short enough for a job", async () => {
    const bytes = randomBytes(150_528);
    const ref = await store.put(bytes, { ttlMs: 60_000 });
    expect(ref.length).toBeLessThanOrEqual(40);
    expect(Buffer.compare(await store.get(ref), bytes)).toBe(0);
  });

  test("takes a part of a larger buffer as what it is", async () => {
    const whole = randomBytes(100_000);
    const ref = await store.put(new Uint8Array(whole.buffer, whole.byteOffset + 7, 50_000), { ttlMs: 60_000 });
    expect(Buffer.compare(await store.get(ref), whole.subarray(7, 50_007))).toBe(0);
  });

  test("reads into memory that the caller lends, and not beyond the blob's end", async () => {
    const bytes = randomBytes(70_000);
    const ref = await store.put(bytes, { ttlMs: 60_000 });
    const memory = Buffer.alloc(100_000, 7);
    const read = await store.get(ref, { allocate: (length) => memory.subarray(0, length) });
    expect(Buffer.compare(read, bytes)).toBe(0);
    expect(memory.subarray(70_000).every((byte) => byte === 7)).toBe(true);
  });

  test("keeps an empty blob and one of 20 MB", async () => {
    const large = randomBytes(20 * 1024 * 1024);
    const [empty, big] = await Promise.all([store.put(new Uint8Array()), store.put(large, { ttlMs: 60_000 })]);
    expect((await store.get(empty)).length).toBe(0);
    expect(Buffer.compare(await store.get(big), large)).toBe(0);
  });

  test("keeps concurrent puts apart", async () => {
    const blobs = Array.from({ length: 64 }, (_, index) => Buffer.alloc(20_000 + index, index));
    const refs = await Promise.all(blobs.map((blob) => store.put(blob, { ttlMs: 60_000 })));
    expect(new Set(refs).size).toBe(64);
    const read = await Promise.all(refs.map((ref) => store.get(ref)));
    expect(read.every((bytes, index) => Buffer.compare(bytes, blobs[index] ?? Buffer.of()) === 0)).toBe(true);
  });

  test("misses a deleted blob, and bears a second deletion", async () => {
    const refs = await Promise.all([store.put(Buffer.from("a"), { ttlMs: 60_000 }), store.put(Buffer.from("b"))]);
    await store.delete(refs);
    await store.delete(refs);
    for (const ref of refs) await expect(store.get(ref)).rejects.toMatchObject({ code: "missing" });
    await store.delete([]);
  });

  test("misses an expired blob", async () => {
    const timed = await store.put(Buffer.from("short"), { ttlMs: 40 });
    const keyed = await store.put(Buffer.from("short"), { ttlMs: 40, key: "evidence/expiring.jpg" });
    for (const ref of [timed, keyed])
      await vi.waitFor(() => expect(store.get(ref)).rejects.toMatchObject({ code: "missing" }), within);
  });

  test("sweeps what expired and nothing else", async () => {
    await store.sweep();
    const soon = await Promise.all([
      store.put(Buffer.from("1"), { ttlMs: 30 }),
      store.put(Buffer.from("2"), { ttlMs: 30 }),
      store.put(Buffer.from("3"), { ttlMs: 30, key: "evidence/soon" }),
      store.put(Buffer.from("4"), { ttlMs: 30, key: "evidence/prolonged" }),
    ]);
    const prolonged = await store.put(Buffer.from("5"), { ttlMs: 60_000, key: "evidence/prolonged" });
    const others = await Promise.all([
      store.put(Buffer.from("6"), { ttlMs: 60_000 }),
      store.put(Buffer.from("7"), { ttlMs: 90_000 }),
      store.put(Buffer.from("8")),
      store.put(Buffer.from("9"), { key: "evidence/for-good" }),
    ]);
    for (const ref of soon.slice(0, 3))
      await vi.waitFor(() => expect(store.get(ref)).rejects.toMatchObject({ code: "missing" }), within);
    expect(await store.sweep()).toBe(sweeps ? 3 : 0);
    expect(await store.sweep()).toBe(0);
    const left = await Promise.all([prolonged, ...others].map((ref) => textOf(store, ref)));
    expect(left).toEqual(["5", "6", "7", "8", "9"]);
  });

  test("gives a key one reference, whose blob is replaced as a whole", async () => {
    const key = "evidence/2026-11-22/abc.jpg";
    const first = await store.put(Buffer.from("first"), { key });
    expect(await store.put(Buffer.from("second"), { key })).toBe(first);
    expect(await textOf(store, first)).toBe("second");
  });

  test("keeps keys of any spelling apart, and inside", async () => {
    const keys = ["../../escape", "c/..", "a/../b", "a b", "a%20b", "ünï/☃", "x".repeat(500), ".hidden"];
    const refs = await Promise.all(keys.map((key) => store.put(Buffer.from(key), { key })));
    expect(new Set(refs).size).toBe(keys.length);
    expect(await Promise.all(refs.map((ref) => textOf(store, ref)))).toEqual(keys);
  });

  test("refuses keys with empty parts", async () => {
    for (const key of ["", "/etc/passwd", "a//b", "a/"])
      await expect(store.put(Buffer.from("x"), { key })).rejects.toThrow(RangeError);
  });

  test("tells references that are not its own", async () => {
    const own = await store.put(Buffer.from("mine"), { key: "own" });
    const prefix = own.slice(0, 2);
    const foreign = [
      "",
      "x:k/own",
      "k/own",
      `${prefix}../own`,
      `${prefix}k/../../own`,
      `${prefix}k/.own`,
      `${prefix}k//own`,
    ];
    for (const ref of foreign) {
      await expect(store.get(ref)).rejects.toMatchObject({ code: "foreign" });
      await expect(store.delete([own, ref])).rejects.toMatchObject({ code: "foreign" });
    }
    expect(await textOf(store, own)).toBe("mine");
  });

  test("says unavailable while the store is down, and works again later", async () => {
    const ref = await store.put(Buffer.from("before"), { ttlMs: 60_000 });
    await backend.breakDown();
    await expect(store.put(Buffer.alloc(100_000), { ttlMs: 60_000 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^The blob store .+ cannot be used \(.+\): /),
    });
    await expect(store.get(ref)).rejects.toMatchObject({ code: "unavailable" });
    await backend.mend();
    await vi.waitFor(async () => {
      const again = await store.put(Buffer.from("after"), { ttlMs: 60_000 });
      expect(await textOf(store, again)).toBe("after");
    }, within);
  });
});

test("blobs on their way to a Redis that hangs are given up, and others are taken when it goes on", async () => {
  await using redis = await startRedis();
  const store = openBlobStore(redis.url);
  const ref = await store.put(Buffer.from("before"));
  await redis.pause();
  const unavailable = {
    code: "unavailable",
    message: expect.stringMatching(/there is no connection, or it broke off/),
  };
  await Promise.all([
    expect(store.put(Buffer.alloc(2_000_000))).rejects.toMatchObject(unavailable),
    expect(store.get(ref)).rejects.toMatchObject(unavailable),
  ]);
  await redis.resume();
  await vi.waitFor(async () => expect(await textOf(store, ref)).toBe("before"), within);
  await store.close();
});

test("of the files of one minute a sweep deletes those that expired, and of a past minute the folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "briareus-blobs-"));
  let nowMs = Date.parse("2026-11-22T12:00:00Z");
  const store = openBlobStore(pathToFileURL(folder).href, { now: () => nowMs });
  await store.put(Buffer.from("first"), { ttlMs: 10_000 });
  const second = await store.put(Buffer.from("second"), { ttlMs: 40_000 });
  nowMs += 20_000;
  expect(await store.sweep()).toBe(1);
  expect(await textOf(store, second)).toBe("second");
  nowMs += 40_000;
  expect(await store.sweep()).toBe(1);
  expect(await readdir(join(folder, "t"))).toEqual([]);
  await rm(folder, { recursive: true });
});

test("a file that the disk does not take whole leaves nothing behind and says what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "briareus-blobs-"));
  const url = pathToFileURL(folder).href;
  const put = `
    const { openBlobStore } = await import(${JSON.stringify(import.meta.resolve("../../src/blobs/open-blob-store.ts"))});
    const store = openBlobStore(${JSON.stringify(url)});
    const answer = await store.put(Buffer.alloc(1_000_000), { ttlMs: 60_000 }).catch((error) => error);
    console.log(JSON.stringify([answer.code, answer.message]));`;
  // A limit on the size of files stands for a full disk: both let a part be written and then fail.
  const script = 'ulimit -f 200; exec "$0" --input-type=module -e "$1"';
  const { stdout } = await promisify(execFile)("sh", ["-c", script, process.execPath, put]);
  const left = await readdir(folder, { recursive: true, withFileTypes: true });
  await rm(folder, { recursive: true });
  expect(JSON.parse(stdout)).toEqual(["unavailable", expect.stringMatching(/cannot be used \(EFBIG\): the file size/)]);
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});

test("URLs that name no blob store are refused with those that do", () => {
  for (const url of ["", "blobs", "http://host/", "gs:///prefix", "file://host/folder"])
    expect(() => openBlobStore(url)).toThrow(/use file:\/\/\/folder, redis:/);
});

async function textOf(store: BlobStore, ref: string): Promise<string> {
  return Buffer.from(await store.get(ref)).toString("utf8");
}

async function startFolder(): Promise<Backend> {
  const parent = await mkdtemp(join(tmpdir(), "briareus-blobs-"));
  const folder = join(parent, "blobs");
  return {
    url: pathToFileURL(folder).href,
    breakDown: async () => {
      await rename(folder, join(parent, "away"));
      await writeFile(folder, "a file where the folder was");
    },
    mend: async () => {
      await rm(folder);
      await rename(join(parent, "away"), folder);
    },
    stop: () => rm(parent, { recursive: true }),
  };
}

async function startRedisBackend(): Promise<Backend> {
  const redis = await startRedis();
  return { url: `${redis.url}/2?prefix=conformance:`, breakDown: redis.kill, mend: redis.restart, stop: redis.stop };
}

async function startGcsBackend(): Promise<Backend> {
  const gcs = await startFakeGcs();
  process.env.STORAGE_EMULATOR_HOST = gcs.url;
  return { url: `gs://${gcs.bucket}/conformance`, breakDown: gcs.stop, mend: gcs.restart, stop: gcs.stop };
}
