import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import type { InferenceClient } from "../../src/inference/inference-client.ts";
import { createUnaryCalls } from "../../src/inference/unary-calls.ts";
import { freePort } from "../../src/local/free-port.ts";
import { startModelServer } from "../../src/model-server/start-model-server.ts";
import { batchOf, repositoryWith, tensorOf } from "../models.ts";
import { patience } from "../patience.ts";

/** Later than any test needs: what fails must not fail for time. */
const later = () => Date.now() + 50_000;

/** A server of the demo model, its configuration changed, and a client of it. */
async function serve(change?: (config: string) => string, threads?: number) {
  const repository = await repositoryWith(change);
  const server = await startModelServer({ repository: repository.folder, threads });
  const client = createInferenceClient({ address: server.grpcAddress });
  const calls = createUnaryCalls({ address: server.grpcAddress, maxMessageBytes: 64 << 20 });
  return {
    repository,
    server,
    client,
    calls,
    statistics: async () => {
      const { model_stats } = await calls.call("ModelStatistics", { name: "nsfw" }, { deadlineAtMs: later() });
      return model_stats[0];
    },
    metric: async (name: string) => {
      const text = await (await fetch(`http://${server.metricsAddress}/metrics`)).text();
      const line = text.split("\n").find((each) => each.startsWith(name) && !each.startsWith("#"));
      return Number(line?.split(" ").at(-1));
    },
    [Symbol.asyncDispose]: async () => {
      client.close();
      calls.close();
      await server.stop({ drainMs: 0 });
      await repository[Symbol.asyncDispose]();
    },
  };
}

const withoutBatching = (config: string) => config.replace(/dynamic_batching \{[\s\S]*?\n\}\n/, "");

describe("the demo model on our model server", () => {
  let system: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    system = await serve();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test("tells its shape, its largest batch and its classes", async () => {
    expect(await system.client.metadata("nsfw")).toEqual({
      name: "nsfw",
      versions: ["1"],
      input: { name: "images", datatype: "UINT8", shape: [-1, 224, 224, 3] },
      output: { name: "scores", datatype: "FP32", shape: [-1, 5] },
      maxBatchSize: 16,
      labels: ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"],
    });
  });

  test("takes rooms for neutral and drawings for drawings", async () => {
    const score = async (kind: "room" | "drawing", label: string) => {
      const { scores, labels } = await system.client.infer("nsfw", tensorOf(await batchOf(10, kind)), {
        deadlineAtMs: later(),
      });
      return Array.from({ length: 10 }, (_, row) => scores[row * labels.length + labels.indexOf(label)] ?? 0);
    };
    expect(Math.min(...(await score("room", "Neutral")))).toBeGreaterThan(0.7);
    expect((await score("drawing", "Drawing")).filter((value) => value > 0.5).length).toBeGreaterThanOrEqual(7);
  });

  test("gives a picture the same scores whatever batch it comes in, and from whichever client", async () => {
    const pictures = await batchOf(33);
    const alone = await Promise.all(
      pictures.map((each) => system.client.infer("nsfw", tensorOf([each]), { deadlineAtMs: later() })),
    );
    const clients = Array.from({ length: 3 }, () => createInferenceClient({ address: system.server.grpcAddress }));
    const sizes = [1, 2, 7, 16, 17, 33];
    const batches = await Promise.all(
      sizes.map((size, index) =>
        clients[index % 3]?.infer("nsfw", tensorOf(pictures.slice(0, size)), { deadlineAtMs: later() }),
      ),
    );
    for (const client of clients) client.close();
    sizes.forEach((size, index) => {
      const expected = alone.slice(0, size).flatMap(({ scores }) => [...scores]);
      expect(batches[index]?.scores).toHaveLength(size * 5);
      expect(batches[index]?.version).toBe("1");
      batches[index]?.scores.forEach((score, at) => {
        expect(score).toBeCloseTo(expected[at] ?? Number.NaN, 5);
      });
    });
  });

  test("refuses unknown models, wrong shapes and wrong sizes as bad requests that say what was expected", async () => {
    const [one] = await batchOf(1);
    const bytes = one ?? new Uint8Array();
    const infer = (model: string, tensor: { bytes: Uint8Array; rows: number }) =>
      system.client.infer(model, tensor, { deadlineAtMs: later() });
    await expect(infer("faces", { bytes, rows: 1 })).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("unknown model: 'faces'"),
    });
    await expect(infer("nsfw", { bytes: bytes.subarray(1), rows: 1 })).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("unexpected total byte size 150527 for input 'images', expecting 150528"),
    });
    const send = (shape: number[], datatype = "UINT8") =>
      system.calls.call(
        "ModelInfer",
        { model_name: "nsfw", inputs: [{ name: "images", datatype, shape }], raw_input_contents: [bytes] },
        { deadlineAtMs: later() },
      );
    await expect(send([1, 3, 224, 224])).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("Expected [-1,224,224,3], got [1,3,224,224]"),
    });
    await expect(send([17, 224, 224, 3])).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("batch-size must be <= 16 for 'nsfw'"),
    });
    await expect(send([1, 224, 224, 3], "FP32")).rejects.toMatchObject({ code: "bad-request" });
  });

  test("takes typed contents as well as raw bytes", async () => {
    const [one] = await batchOf(1);
    const shape = [1, 224, 224, 3];
    const request = { model_name: "nsfw", id: "typed" };
    const input = { name: "images", datatype: "UINT8", shape };
    const limits = { deadlineAtMs: later() };
    const [typed, raw] = await Promise.all([
      system.calls.call(
        "ModelInfer",
        { ...request, inputs: [{ ...input, contents: { uint_contents: [...(one ?? [])] } }], raw_input_contents: [] },
        limits,
      ),
      system.calls.call(
        "ModelInfer",
        { ...request, inputs: [input], raw_input_contents: [one ?? new Uint8Array()] },
        limits,
      ),
    ]);
    expect(typed.id).toBe("typed");
    expect(typed.raw_output_contents).toEqual(raw.raw_output_contents);
  });

  test("answers health checks over HTTP and counts under Triton's names", async () => {
    const before = await system.metric("nv_inference_count");
    await system.client.infer("nsfw", tensorOf(await batchOf(3)), { deadlineAtMs: later() });
    expect(await system.metric("nv_inference_count")).toBe(before + 3);
    expect(await system.metric("nv_inference_pending_request_count")).toBe(0);
    expect(await system.metric("nv_inference_compute_infer_duration_us")).toBeGreaterThan(0);
    for (const path of ["live", "ready"]) {
      const response = await fetch(`http://${system.server.metricsAddress}/v2/health/${path}`);
      expect(response.status).toBe(200);
    }
  });
});

describe("dynamic batching", () => {
  test("computes requests that come together as one batch", async () => {
    // A delay that never passes: batches of four, or nothing.
    await using system = await serve((config) =>
      config
        .replace(/preferred_batch_size: .*/, "preferred_batch_size: 4")
        .replace(/max_queue_delay_microseconds: .*/, "max_queue_delay_microseconds: 60000000"),
    );
    const pictures = await batchOf(8);
    await Promise.all(pictures.map((each) => system.client.infer("nsfw", tensorOf([each]), { deadlineAtMs: later() })));
    await expect.poll(system.statistics).toMatchObject({
      inference_count: 8,
      execution_count: 2,
      inference_stats: { success: { count: 8 } },
      batch_stats: [{ batch_size: 4, compute_infer: { count: 2 } }],
    });
  });

  test("refuses what a full queue cannot hold as overloaded, and serves the rest", async () => {
    await using system = await serve((config) => config.replace(/max_queue_size: \d+/, "max_queue_size: 2"), 1);
    const batch = tensorOf(await batchOf(16));
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, () => system.client.infer("nsfw", batch, { deadlineAtMs: later() })),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(12);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "overloaded" });
    expect(await system.client.whenAvailable({ untilMs: Date.now() })).toBe(true);
    expect(await system.metric("nv_inference_request_success")).toBe(12 - refused.length);
  });
});

describe("a request that is given up", () => {
  test("by its deadline fails as such and is dropped from the queue", async () => {
    await using system = await serve(withoutBatching, 1);
    const batch = tensorOf(await batchOf(16));
    await system.client.metadata("nsfw");
    const ahead = Array.from({ length: 3 }, () => system.client.infer("nsfw", batch, { deadlineAtMs: later() }));
    await vi.waitFor(
      async () => expect(await system.metric("nv_inference_pending_request_count")).toBeGreaterThan(0),
      patience,
    );
    const late = system.client.infer("nsfw", batch, { deadlineAtMs: Date.now() + 60 });
    await expect(late).rejects.toMatchObject({ code: "deadline" });
    await Promise.all(ahead);
    expect(await system.statistics()).toMatchObject({ inference_count: 48 });
  });

  test("by its caller rejects with the caller's reason and is dropped from the queue", async () => {
    await using system = await serve(withoutBatching, 1);
    const batch = tensorOf(await batchOf(16));
    const ahead = system.client.infer("nsfw", batch, { deadlineAtMs: later() });
    const abort = new AbortController();
    const waiting = Array.from({ length: 3 }, () =>
      system.client.infer("nsfw", batch, { deadlineAtMs: later(), signal: abort.signal }),
    );
    await vi.waitFor(async () => expect(await system.metric("nv_inference_pending_request_count")).toBe(3), patience);
    abort.abort(new Error("the worker stops"));
    for (const each of waiting) await expect(each).rejects.toThrow("the worker stops");
    await ahead;
    expect(await system.metric('nv_inference_request_failure{model="nsfw",version="1",reason="CANCELED"}')).toBe(3);
    expect(await system.statistics()).toMatchObject({ inference_count: 16 });
  });
});

describe("models of a repository", () => {
  test("are replaced by their newest version without a request lost", async () => {
    await using system = await serve();
    const batch = tensorOf(await batchOf(16));
    await system.repository.addVersion(2);
    const limits = { deadlineAtMs: later() };
    const versions = new Set<string>();
    let loading = true;
    const load = system.calls.call("RepositoryModelLoad", { model_name: "nsfw" }, limits).finally(() => {
      loading = false;
    });
    while (loading) versions.add((await system.client.infer("nsfw", batch, limits)).version);
    await load;
    versions.add((await system.client.infer("nsfw", batch, limits)).version);
    expect([...versions]).toContain("2");
    const { models } = await system.calls.call("RepositoryIndex", { ready: true }, limits);
    expect(models).toEqual([{ name: "nsfw", version: "2", state: "READY", reason: "" }]);
  });

  test("are away while unloaded and back after a load", async () => {
    await using system = await serve();
    const limits = { deadlineAtMs: later() };
    const batch = tensorOf(await batchOf(1));
    await system.client.infer("nsfw", batch, limits);
    await system.calls.call("RepositoryModelUnload", { model_name: "nsfw" }, limits);
    expect(await system.calls.call("ModelReady", { name: "nsfw" }, limits)).toEqual({ ready: false });
    await expect(system.client.infer("nsfw", batch, limits)).rejects.toMatchObject({ code: "unavailable" });
    await system.calls.call("RepositoryModelLoad", { model_name: "nsfw" }, limits);
    expect(await system.client.whenAvailable({ untilMs: later() })).toBe(true);
    expect((await system.client.infer("nsfw", batch, limits)).version).toBe("1");
  });

  test("without names for their classes are refused by the client, which says how to give them", async () => {
    await using system = await serve((config) => config.replace(/parameters.*/, ""));
    await expect(system.client.metadata("nsfw")).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining('parameters { key: "labels"'),
    });
  });

  test("that are wrong keep the server from starting, with the file named", async () => {
    const serveWrong = async (change: (config: string) => string, path?: string, content?: string) => {
      await using repository = await repositoryWith(change);
      if (path && content) await repository.write(path, content);
      const server = await startModelServer({ repository: repository.folder, threads: 1 });
      await server.stop();
    };
    await expect(serveWrong((config) => config.replace("[ 5 ]", "five"))).rejects.toThrow("config.pbtxt: line 6");
    await expect(serveWrong((config) => config.replace('"scores"', '"classes"'))).rejects.toThrow(
      'the file has no output "classes"; it has "scores"',
    );
    await expect(serveWrong((config) => config, "nsfw/2/model.onnx", "no model")).rejects.toThrow(
      "nsfw/2/model.onnx: ",
    );
  });
});

describe("a model server that stops", () => {
  test("finishes what it has begun and refuses the rest as unavailable", async () => {
    const system = await serve(withoutBatching, 1);
    const batch = tensorOf(await batchOf(16));
    const begun = Array.from({ length: 3 }, () => system.client.infer("nsfw", batch, { deadlineAtMs: later() }));
    await vi.waitFor(async () => expect(await system.metric("nv_inference_pending_request_count")).toBe(2), patience);
    const stopped = system.server.stop();
    await expect(system.client.infer("nsfw", batch, { deadlineAtMs: later() })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect((await Promise.all(begun)).map(({ scores }) => scores.length)).toEqual([80, 80, 80]);
    await stopped;
    await system[Symbol.asyncDispose]();
  });
});

describe("a model server that dies", () => {
  let repository: Awaited<ReturnType<typeof repositoryWith>>;
  let client: InferenceClient;
  let port: number;
  let child: ChildProcess;

  const start = async () => {
    const args = ["model-server", "--repository", repository.folder, "--port", String(port), "--metrics-port", "0"];
    const started = spawn(process.execPath, ["src/cli/main.ts", ...args, "--threads", "1"], { stdio: "ignore" });
    process.once("exit", () => started.kill("SIGKILL"));
    return started;
  };
  const kill = async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };

  beforeAll(async () => {
    repository = await repositoryWith();
    port = await freePort();
    client = createInferenceClient({ address: `127.0.0.1:${port}` });
    child = await start();
  });
  afterAll(async () => {
    client.close();
    await kill();
    await repository[Symbol.asyncDispose]();
  });

  test("is unavailable at once, is waited for, and serves again when it is back", async () => {
    const batch = tensorOf(await batchOf(2));
    await client.metadata("nsfw").catch(() => undefined);
    expect(await client.whenAvailable({ untilMs: later() })).toBe(true);
    const before = await client.infer("nsfw", batch, { deadlineAtMs: later() });

    await kill();
    await expect(client.infer("nsfw", batch, { deadlineAtMs: later() })).rejects.toMatchObject({ code: "unavailable" });
    expect(await client.whenAvailable({ untilMs: Date.now() + 300 })).toBe(false);
    expect((await client.metadata("nsfw")).labels).toHaveLength(5);

    child = await start();
    expect(await client.whenAvailable({ untilMs: later() })).toBe(true);
    const after = await client.infer("nsfw", batch, { deadlineAtMs: later() });
    expect(after).toEqual(before);
  });

  test("is given up at the deadline when it hangs", async () => {
    const batch = tensorOf(await batchOf(1));
    expect(await client.whenAvailable({ untilMs: later() })).toBe(true);
    child.kill("SIGSTOP");
    const hanging = client.infer("nsfw", batch, { deadlineAtMs: Date.now() + 300 });
    await expect(hanging).rejects.toMatchObject({ code: "deadline" });
    child.kill("SIGCONT");
    await client.infer("nsfw", batch, { deadlineAtMs: later() });
  });
});
