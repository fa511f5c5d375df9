import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { BlobError, type BlobStore } from "../../src/blobs/blob-store.ts";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import type { Concluded, Preprocessed } from "../../src/capture/item.ts";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import type { InferenceClient } from "../../src/inference/inference-client.ts";
import { freePort } from "../../src/local/free-port.ts";
import { type ModelServer, startModelServer } from "../../src/model-server/start-model-server.ts";
import type { Outcome } from "../../src/pipeline/stage.ts";
import { createInferStage } from "../../src/workers/infer/infer-stage.ts";
import { inFlight } from "../items.ts";
import { batchOf, demoRepository, repositoryWith, type TemporaryRepository, tensorOf } from "../models.ts";

const spec = "uint8-nhwc-224x224x3";
const later = () => Date.now() + 50_000;

let folder: string;
let blobs: BlobStore;
let repository: TemporaryRepository;
let server: ModelServer;
let client: InferenceClient;
let pictures: Uint8Array[];
let logged: Record<string, unknown>[];

/** Two models, the same network under two names. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-infer-"));
  blobs = openBlobStore(pathToFileURL(folder).href);
  repository = await repositoryWith();
  const config = await readFile(join(repository.folder, "nsfw/config.pbtxt"), "utf8");
  await repository.write("second/config.pbtxt", config.replace('name: "nsfw"', 'name: "second"'));
  await symlink(join(demoRepository, "nsfw/1"), join(repository.folder, "second/1"));
  server = await startModelServer({ repository: repository.folder, threads: 1 });
  client = createInferenceClient({ address: server.grpcAddress });
  pictures = await batchOf(6);
});
afterAll(async () => {
  client.close();
  await server.stop({ drainMs: 0 });
  await repository[Symbol.asyncDispose]();
  await blobs.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  logged = [];
});

const log = pino({ level: "info" }, { write: (line: string) => void logged.push(JSON.parse(line)) });

/** A batch as preprocess hands it on: one tensor, a row for each picture. */
async function preprocessed(images: readonly Uint8Array[], deadlineAtMs = later()): Promise<Preprocessed[]> {
  const blob = await blobs.put(tensorOf(images).bytes, { ttlMs: 600_000 });
  return images.map((_, row) => ({
    ...inFlight(`capture-${row}`, { deadlineAtMs }),
    image: { blob: "file://image", bytes: 1, type: "image/jpeg" },
    tensors: [{ spec, blob, row, rows: images.length }],
  }));
}

function infer(
  items: readonly Preprocessed[],
  options: { store?: BlobStore; from?: InferenceClient; models?: string[]; signal?: AbortSignal } = {},
): Promise<Outcome<Concluded>[]> {
  const { store = blobs, from = client, models = ["nsfw"], signal = new AbortController().signal } = options;
  const stage = createInferStage({ client: from, blobs: store, models });
  return Promise.all(stage.run(items, { signal, log, now: Date.now }));
}

/** Scores as the model server itself gives them, for one picture. */
async function expected(picture: Uint8Array | undefined) {
  const direct = await client.infer("nsfw", tensorOf(picture ? [picture] : []), { deadlineAtMs: later() });
  return Object.fromEntries(direct.labels.map((label, index) => [label, direct.scores[index]]));
}

function scoresOf(outcome: Outcome<Concluded> | undefined) {
  if (outcome?.kind !== "done" || outcome.value.result.kind !== "scored")
    throw new Error(`expected scores, got ${JSON.stringify(outcome)}`);
  return outcome.value.result.scores;
}

test("each capture gets its own scores, stamped with model and version, and sheds its tensors", async () => {
  const outcomes = await infer(await preprocessed(pictures));
  for (const [index, outcome] of outcomes.entries()) {
    expect(scoresOf(outcome)).toEqual([{ model: "nsfw", version: "1", scores: await expected(pictures[index]) }]);
    expect(outcome).toMatchObject({ value: { capture: { captureId: `capture-${index}` }, image: { bytes: 1 } } });
    expect(outcome).not.toHaveProperty("value.tensors");
  }
});

test("every model scores every capture", async () => {
  const outcomes = await infer(await preprocessed(pictures.slice(0, 2)), { models: ["nsfw", "second"] });
  for (const outcome of outcomes) {
    const [first, second] = scoresOf(outcome);
    expect(second).toEqual({ ...first, model: "second" });
  }
});

test("captures of several batches that were retried together keep their own rows, each tensor read once", async () => {
  const [a, b] = [await preprocessed(pictures.slice(0, 3)), await preprocessed(pictures.slice(3))];
  const reads = vi.fn(blobs.get);
  const mixed = [b[2], a[0], a[2], b[0]].filter((item) => item !== undefined);
  const outcomes = await infer(mixed, { store: { ...blobs, get: reads } });
  const order = [5, 0, 2, 3];
  for (const [index, outcome] of outcomes.entries())
    expect(scoresOf(outcome)[0]?.scores).toEqual(await expected(pictures[order[index] ?? 0]));
  expect(reads).toHaveBeenCalledTimes(2);
});

test("batches at the same time and after one another keep their own rows, though memory is used again", async () => {
  const stage = createInferStage({ client, blobs, models: ["nsfw", "second"] });
  const context = { signal: new AbortController().signal, log, now: Date.now };
  const wanted = await Promise.all(pictures.map(expected));
  for (let round = 0; round < 3; round++) {
    const batches = await Promise.all(pictures.map((picture) => preprocessed([picture])));
    const outcomes = await Promise.all(batches.flatMap((batch) => stage.run(batch, context)));
    expect(outcomes.map((outcome) => scoresOf(outcome).map(({ scores }) => scores))).toEqual(
      wanted.map((scores) => [scores, scores]),
    );
  }
});

test("captures whose tensor is gone are unprocessable, and their neighbours are scored", async () => {
  const [gone, present] = [await preprocessed(pictures.slice(0, 2)), await preprocessed(pictures.slice(2, 4))];
  await blobs.delete(gone.flatMap((item) => item.tensors.map(({ blob }) => blob)));
  const outcomes = await infer([...gone, ...present]);
  const missing = { kind: "reject", verdict: "unprocessable", reason: "blob-missing" };
  expect(outcomes.slice(0, 2)).toEqual([missing, missing]);
  expect(scoresOf(outcomes[3])[0]?.scores).toEqual(await expected(pictures[3]));
});

test("a blob store that does not answer costs an attempt", async () => {
  const store = { ...blobs, get: () => Promise.reject(new BlobError("unavailable", "disk gone")) };
  const [outcome] = await infer(await preprocessed(pictures.slice(0, 1)), { store });
  expect(outcome).toEqual({ kind: "retry", reason: "blob-store-unavailable", detail: "disk gone" });
});

test("a tensor that was cut short is never scored", async () => {
  const items = await preprocessed(pictures.slice(0, 2));
  const blob = await blobs.put(tensorOf(pictures.slice(0, 2)).bytes.subarray(1), { ttlMs: 600_000 });
  const outcomes = await infer(
    items.map((item) => ({ ...item, tensors: item.tensors.map((row) => ({ ...row, blob })) })),
  );
  for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "retry", reason: "model-bad-request" });
});

test("a request that the server refuses is retried as a bug, loudly", async () => {
  const [outcome] = await infer(await preprocessed(pictures.slice(0, 1)), { models: ["faces"] });
  expect(outcome).toMatchObject({
    kind: "retry",
    reason: "model-bad-request",
    detail: expect.stringContaining("'faces' is not found"),
    free: false,
  });
  expect(logged).toMatchObject([{ level: 50, captures: 1 }]);
});

test("an overloaded server costs an attempt and is backed off from", async () => {
  await using busy = await repositoryWith((config) => config.replace(/max_queue_size: \d+/, "max_queue_size: 1"));
  const small = await startModelServer({ repository: busy.folder, threads: 1 });
  const from = createInferenceClient({ address: small.grpcAddress });
  const batch = tensorOf(await batchOf(16));
  await from.metadata("nsfw");
  const flood = Array.from({ length: 12 }, () =>
    from.infer("nsfw", batch, { deadlineAtMs: later() }).catch(() => undefined),
  );
  const items = await Promise.all(Array.from({ length: 6 }, () => preprocessed(pictures)));
  const outcomes = (await Promise.all(items.map((each) => infer(each, { from })))).flat();
  const refused = outcomes.filter((outcome) => outcome.kind !== "done");
  expect(refused.length).toBeGreaterThan(0);
  for (const outcome of refused)
    expect(outcome).toMatchObject({ kind: "retry", reason: "model-overloaded", free: false });
  await Promise.all(flood);
  from.close();
  await small.stop({ drainMs: 0 });
});

test("a batch waits for a model server that is away, and is scored when it comes", async () => {
  const grpcPort = await freePort();
  const from = createInferenceClient({ address: `127.0.0.1:${grpcPort}` });
  const outcomes = infer(await preprocessed(pictures), { from });
  await expect(from.metadata("nsfw")).rejects.toMatchObject({ code: "unavailable" });
  const late = await startModelServer({ repository: demoRepository, grpcPort, threads: 1 });
  expect((await outcomes).map(({ kind }) => kind)).toEqual(pictures.map(() => "done"));
  from.close();
  await late.stop();
});

test("an outage past a deadline expires the captures that are late and costs the others no attempt", async () => {
  const from = createInferenceClient({ address: `127.0.0.1:${await freePort()}` });
  const items = await preprocessed(pictures.slice(0, 3));
  const [first] = items;
  const outcomes = await infer(first ? [{ ...first, deadlineAtMs: Date.now() + 400 }, ...items.slice(1)] : [], {
    from,
  });
  const retry = { kind: "retry", reason: "model-unavailable", free: true };
  expect(outcomes).toMatchObject([{ kind: "reject", verdict: "expired", reason: "deadline-exceeded" }, retry, retry]);
  from.close();
});

test("captures whose deadline passes while the server computes are expired", async () => {
  const batch = tensorOf(await batchOf(16));
  const ahead = Array.from({ length: 3 }, () => client.infer("nsfw", batch, { deadlineAtMs: later() }));
  const [outcome] = await infer(await preprocessed(pictures.slice(0, 1), Date.now() + 60));
  expect(outcome).toMatchObject({ kind: "reject", verdict: "expired", reason: "deadline-exceeded" });
  await Promise.all(ahead);
});

test("a worker that must let go hands its captures back at no cost", async () => {
  const abort = new AbortController();
  const from = createInferenceClient({ address: `127.0.0.1:${await freePort()}` });
  const outcomes = infer(await preprocessed(pictures.slice(0, 2)), { from, signal: abort.signal });
  abort.abort();
  const retry = { kind: "retry", reason: "worker-stopping", free: true };
  expect(await outcomes).toEqual([retry, retry]);
  from.close();
});

test("a tensor is deleted once all its captures have left, and kept while one is still to come", async () => {
  const stage = createInferStage({ client, blobs, models: ["nsfw"] });
  const [whole, part] = [await preprocessed(pictures.slice(0, 3)), await preprocessed(pictures.slice(3))];
  await stage.release?.([...whole, ...part.slice(1)]);
  await expect(blobs.get(whole[0]?.tensors[0]?.blob ?? "")).rejects.toMatchObject({ code: "missing" });
  expect(await blobs.get(part[0]?.tensors[0]?.blob ?? "")).toHaveLength(3 * 224 * 224 * 3);
});
