/** What the pipeline asks of a model server, of ours and of a real Triton alike. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import type { BatchScores } from "../../src/inference/inference-client.ts";
import { createUnaryCalls } from "../../src/inference/unary-calls.ts";
import { batchOf, demoRepository, repositoryWith, tensorOf } from "../models.ts";
import { until } from "../system.ts";
import { freePorts, type ServerUnderTest, servers } from "./servers.ts";
import { underLoad } from "./under-load.ts";

const later = () => Date.now() + 60_000;
const limits = () => ({ deadlineAtMs: later() });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

describe.each(Object.entries(servers))("%s", (_, start) => {
  /** A server of the demo model, its configuration changed, and a client of it. */
  async function serve(change?: (config: string) => string) {
    const repository = await repositoryWith(change);
    cleanups.push(() => repository[Symbol.asyncDispose]());
    const ports = await freePorts();
    let server: ServerUnderTest = await start(repository.folder, ports);
    cleanups.push(() => server.stop());
    const connect = (options: { maxMessageBytes?: number } = {}) => {
      const client = createInferenceClient({ address: server.grpcAddress, probeDelaysMs: [50, 100, 200], ...options });
      cleanups.push(() => client.close());
      return client;
    };
    const calls = createUnaryCalls({ address: server.grpcAddress, maxMessageBytes: 64 << 20 });
    cleanups.push(() => calls.close());
    return {
      repository,
      connect,
      client: connect(),
      calls,
      statistics: async () => {
        const { model_stats } = await calls.call("ModelStatistics", { name: "nsfw" }, limits());
        return model_stats[0];
      },
      kill: () => server.kill(),
      async restart() {
        server = await start(repository.folder, ports);
      },
    };
  }

  test("tells the model's shape, its largest batch and its classes", async () => {
    const { client } = await serve();
    expect(await client.metadata("nsfw")).toEqual({
      name: "nsfw",
      versions: ["1"],
      input: { name: "images", datatype: "UINT8", shape: [-1, 224, 224, 3] },
      output: { name: "scores", datatype: "FP32", shape: [-1, 5] },
      maxBatchSize: 16,
      labels: ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"],
    });
  });

  test("scores a picture alike in batches of 1 to 33, from several clients at once", async () => {
    const { client, connect } = await serve();
    const pictures = await batchOf(33);
    const alone = await Promise.all(pictures.map((each) => client.infer("nsfw", tensorOf([each]), limits())));
    const clients = [connect(), connect(), connect()];
    const sizes = [1, 2, 3, 5, 8, 15, 16, 17, 32, 33];
    const batches = await Promise.all(
      sizes.map((size, index) =>
        (clients[index % 3] ?? client).infer("nsfw", tensorOf(pictures.slice(0, size)), limits()),
      ),
    );
    batches.forEach(({ scores, version }, index) => {
      expect(version).toBe("1");
      expectScores(scores, alone.slice(0, sizes[index]));
    });
  });

  test("computes requests that come together as one batch", async () => {
    const { client, statistics } = await serve((config) =>
      config.replace(/max_queue_delay_microseconds: \d+/, "max_queue_delay_microseconds: 200000"),
    );
    const pictures = await batchOf(16);
    await Promise.all(pictures.map((each) => client.infer("nsfw", tensorOf([each]), limits())));
    await until(
      async () => (await statistics())?.inference_count === 16,
      10_000,
      () => "the requests were not counted",
    );
    expect((await statistics())?.execution_count).toBeLessThan(16);
  });

  test("says overloaded when its queue is full, and serves what is in it", async () => {
    const { client } = await serve((config) => config.replace(/max_queue_size: \d+/, "max_queue_size: 2"));
    const batch = tensorOf(await batchOf(16));
    const results = await Promise.allSettled(Array.from({ length: 24 }, () => client.infer("nsfw", batch, limits())));
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(24);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "overloaded" });
    expect(await client.whenAvailable({ untilMs: Date.now() })).toBe(true);
  });

  test("refuses an unknown model, a wrong shape and a wrong size as bad requests", async () => {
    const { client, calls } = await serve();
    const bytes = new Uint8Array(224 * 224 * 3);
    await expect(client.infer("faces", { bytes, rows: 1 }, limits())).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("unknown model: 'faces'"),
    });
    await expect(client.infer("nsfw", { bytes: bytes.subarray(1), rows: 1 }, limits())).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("150527"),
    });
    const send = (shape: number[], datatype = "UINT8") => {
      const inputs = [{ name: "images", datatype, shape }];
      return calls.call("ModelInfer", { model_name: "nsfw", inputs, raw_input_contents: [bytes] }, limits());
    };
    await expect(send([1, 3, 224, 224])).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("got [1,3,224,224]"),
    });
    await expect(send([17, 224, 224, 3])).rejects.toMatchObject({ code: "bad-request" });
    await expect(send([1, 224, 224, 3], "FP32")).rejects.toMatchObject({ code: "bad-request" });
    expect((await client.infer("nsfw", { bytes, rows: 1 }, limits())).scores).toHaveLength(5);
  });

  test("a message above the client's limit is a bad request, and the next one goes on", async () => {
    const { connect } = await serve();
    const small = connect({ maxMessageBytes: 1 << 20 });
    const pictures = await batchOf(16);
    await expect(small.infer("nsfw", tensorOf(pictures), limits())).rejects.toMatchObject({ code: "bad-request" });
    expect((await small.infer("nsfw", tensorOf(pictures.slice(0, 2)), limits())).scores).toHaveLength(10);
  });

  test("unloaded and loaded again under load, it loses no request that waits for it", async () => {
    const { client, calls } = await serve();
    const load = underLoad(client, await batchOf(4));
    await load.answers(3);
    await calls.call("RepositoryModelUnload", { model_name: "nsfw" }, limits());
    await load.refused();
    await calls.call("RepositoryModelLoad", { model_name: "nsfw" }, limits());
    await load.answers(3);
    await load.end();
  });

  test("killed and started again under load, it loses no request that waits for it", async () => {
    const { client, kill, restart } = await serve();
    const load = underLoad(client, await batchOf(4));
    await load.answers(3);
    await kill();
    await load.refused();
    await restart();
    await load.answers(3);
    await load.end();
  });

  test("takes a new version while the old one serves: nothing is refused, and each answer names its version", async () => {
    const { client, calls, repository } = await serve();
    const pictures = await batchOf(4);
    const first = await client.infer("nsfw", tensorOf(pictures), limits());
    const load = underLoad(client, pictures);
    await load.answers(3);
    await repository.addVersion(2);
    await darken(join(repository.folder, "nsfw/2/model.onnx"));
    await calls.call("RepositoryModelLoad", { model_name: "nsfw" }, limits());
    await load.answers(3, ({ version }) => version === "2");
    const { answers, refusals } = await load.end();
    expect(refusals).toEqual([]);
    const second = answers.find(({ version }) => version === "2");
    expect(Math.abs((second?.scores[0] ?? 0) - (first.scores[0] ?? 0))).toBeGreaterThan(0.01);
    for (const answer of answers) expectScores(answer.scores, [answer.version === "1" ? first : (second ?? first)]);
  });
});

test("both give a picture the same scores", async () => {
  const pictures = await batchOf(8);
  const scored = [];
  for (const start of Object.values(servers)) {
    const server = await start(demoRepository, await freePorts());
    cleanups.push(() => server.stop());
    const client = createInferenceClient({ address: server.grpcAddress });
    cleanups.push(() => client.close());
    scored.push(await client.infer("nsfw", tensorOf(pictures), limits()));
  }
  const [one, other] = scored;
  expect(one?.scores).toHaveLength(40);
  expectScores(one?.scores ?? new Float32Array(), other ? [other] : []);
});

function expectScores(scores: Float32Array, expected: readonly BatchScores[]): void {
  const all = expected.flatMap((each) => [...each.scores]);
  expect(scores).toHaveLength(all.length);
  scores.forEach((score, at) => {
    expect(score).toBeCloseTo(all[at] ?? Number.NaN, 4);
  });
}

/** Makes the model see pictures darker than they are: its input is divided by 510 instead of 255. */
async function darken(link: string): Promise<void> {
  const model = await readFile(link);
  const [bright, dark] = [255, 510].map((value) => Buffer.from(Float32Array.of(value).buffer));
  const at = model.indexOf(bright ?? "", Math.max(0, model.indexOf("highest_byte") - 64));
  expect(at).toBeGreaterThan(0);
  dark?.copy(model, at);
  await rm(link);
  await writeFile(link, model);
}
