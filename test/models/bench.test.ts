/** `briareus model bench` with the real perf_analyzer on a real Triton. How fast they are is nobody's claim here. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BenchReport } from "../../src/models/bench/measurement.ts";
import { ensureEnvironment } from "../../src/models/python/environment.ts";
import { runTool } from "../../src/models/python/run-tool.ts";
import { type CommandResult, runCommand, startCommand } from "../command.ts";
import { repositoryWith } from "../models.ts";
import { until } from "../system.ts";
import { freePorts, servers } from "./servers.ts";

let folder: string;
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-bench-test-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

const env = { HOME: process.env.HOME, BRIAREUS_CACHE: process.env.BRIAREUS_CACHE };
const brief = ["--source", "wheel", "--seconds", "3", "--generated", "8"];

async function demoModel(change?: (config: string) => string): Promise<string> {
  const repository = await repositoryWith(change);
  cleanups.push(() => repository[Symbol.asyncDispose]());
  return repository.folder;
}

function bench(...args: string[]): Promise<CommandResult> {
  return runCommand(["model", "bench", ...args], env);
}

async function reportIn(file: string): Promise<BenchReport> {
  return JSON.parse(await readFile(file, "utf8"));
}

describe("a load test", () => {
  test("of two concurrencies and a rate tells throughput, latencies, batches and the server's times", async () => {
    const [json, plot] = [join(folder, "bench.json"), join(folder, "bench.svg")];
    const loads = ["--concurrency", "1,4", "--rate", "10", "--json", json, "--plot", plot];
    const { code, output, errors } = await bench("nsfw", "--repository", await demoModel(), ...brief, ...loads);
    expect({ code, errors }).toMatchObject({ code: 0, errors: expect.stringContaining("3/3  nsfw, 10/s: ") });
    expect(output).toMatch(
      /^load +model +pictures\/s +p50 ms .*\n1 at a time +nsfw +[\d.]+ .*\n4 at a time .*\n10\/s /,
    );
    const report = await reportIn(json);
    expect(report).toMatchObject({
      server: expect.stringContaining("Triton 2.51.0"),
      perfAnalyzer: expect.stringContaining("2.51.0"),
      pictures: "8 generated pictures",
      models: [{ name: "nsfw", version: "1", input: "UINT8 [-1, 224, 224, 3]", maxBatchSize: 16 }],
    });
    expect(report.results.map(({ load }) => load)).toEqual([
      { kind: "concurrency", requests: 1 },
      { kind: "concurrency", requests: 4 },
      { kind: "rate", perSecond: 10 },
    ]);
    for (const { load, result } of report.results) {
      if (result.outcome !== "measured") throw new Error("the queue was full");
      const { p50, p90, p95, p99 } = result.latencyMs;
      expect([p50, p90, p95, p99]).toEqual([p50, p90, p95, p99].toSorted((a, b) => a - b));
      expect(p50).toBeGreaterThan(0);
      expect(result.windows).toHaveLength(3);
      expect(result.queueMs).toBeGreaterThan(0);
      expect(result.computeMs).toBeGreaterThan(0);
      expect(result.meanBatch).toBeGreaterThanOrEqual(1);
      expect(result.meanBatch).toBeLessThanOrEqual(16);
      // One request at a time shares its batch with nobody.
      if (load.kind === "concurrency" && load.requests === 1) expect(result.meanBatch).toBe(1);
    }
    expect(await readFile(plot, "utf8")).toContain("<title>nsfw, 4 at a time: ");
  });

  test("of a rate that fills the queue says so, and goes on with the next", async () => {
    const repository = await demoModel((config) => config.replace(/max_queue_size: \d+/, "max_queue_size: 1"));
    const { code, output } = await bench("nsfw", "--repository", repository, ...brief, "--rate", "500,2");
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/^500\/s +nsfw +queue full$/m) });
    expect(output).toMatch(/^2\/s +nsfw +/m);
  });

  test("of a converted model measures the SavedModel beside it, on TensorFlow, with the same input", async () => {
    const { python } = await ensureEnvironment("conversion");
    await runTool(python, ["test/models/saved_models.py", folder]);
    const [saved, repository] = [join(folder, "net"), join(folder, "models")];
    const how = ["--normalise", "0..1", "--repository", repository, "--max-changed", "100%", "--generated", "4"];
    const labels = ["--name", "net-int8", "--labels", "red,green,blue", "--precision", "int8"];
    const converted = await runCommand(["model", "convert", saved, ...labels, ...how], env);
    expect(converted).toMatchObject({ code: 0 });
    const json = join(folder, "bench.json");
    const against = ["--original", saved, "--repository", repository, "--concurrency", "2", "--json", json];
    const { code, output, errors } = await bench("net-int8", ...against, ...brief);
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(output).toMatch(/^net-int8: [\d.]+ times the best throughput of net-tensorflow/m);
    const { models, results } = await reportIn(json);
    const input = "UINT8 [-1, 32, 32, 3]";
    expect(models).toMatchObject([
      { name: "net-tensorflow", input },
      { name: "net-int8", input },
    ]);
    expect(results.map(({ result }) => result.outcome)).toEqual(["measured", "measured"]);

    const other = await bench("net-int8", ...against, "--original", join(folder, "bytes"), ...brief);
    expect(other).toMatchObject({ code: 1, errors: expect.stringContaining("was converted from another SavedModel") });
  });
});

describe("in one line it says", () => {
  const lastLine = ({ errors }: CommandResult) => errors.trimEnd().split("\n").at(-1);

  test("that a model is not there, in a repository or on a server", async () => {
    const repository = await demoModel();
    const missing = await bench("faces", "--repository", repository, ...brief);
    expect(missing.code).toBe(1);
    expect(lastLine(missing)).toBe(`briareus: ${repository} has no model "faces"; it has nsfw`);
    const server = await servers["the real Triton"]?.(repository, await freePorts());
    cleanups.push(() => server?.stop());
    const address = server?.grpcAddress ?? "";
    const unknown = await bench("faces", "--server", address, ...brief);
    expect(unknown.code).toBe(1);
    expect(lastLine(unknown)).toBe(`briareus: the server at ${address} has no model "faces"`);
  });

  test("that a request would be too large, or perf_analyzer is none", async () => {
    const repository = await demoModel();
    const large = await bench("nsfw", "--repository", repository, "--batch", "17", ...brief);
    expect(lastLine(large)).toBe("briareus: nsfw takes 16 pictures in a request: lower --batch");
    const wrong = await runCommand(["model", "bench", "nsfw", "--repository", repository, ...brief], {
      ...env,
      PERF_ANALYZER: "/nowhere/perf_analyzer",
    });
    expect(wrong.code).toBe(1);
    expect(lastLine(wrong)).toContain("PERF_ANALYZER (/nowhere/perf_analyzer) cannot be run: ");
  });

  test("that the server died meanwhile", async () => {
    const repository = await demoModel();
    const server = await servers["the real Triton"]?.(repository, await freePorts());
    if (!server) throw new Error("there is no Triton");
    const args = ["nsfw", "--server", server.grpcAddress, ...brief, "--concurrency", "1,2", "--seconds", "30"];
    const { result, perfAnalyzer } = underWay(args, server.grpcAddress);
    await perfAnalyzer();
    await server.kill();
    const ended = await result;
    expect(ended.code).toBe(1);
    expect(lastLine(ended)).toBe(`briareus: nsfw, 1 at a time: the server at ${server.grpcAddress} went away`);
  });

  test("that its own Triton died meanwhile", async () => {
    const repository = await demoModel();
    const { result, perfAnalyzer } = underWay(["nsfw", "--repository", repository, ...brief], "nsfw.json");
    await perfAnalyzer();
    for (const pid of await running(repository, "tritonserver")) process.kill(pid, "SIGKILL");
    const ended = await result;
    expect(ended.code).toBe(1);
    expect(lastLine(ended)).toBe("briareus: Triton ended during the load test");
  });

  test("that it was stopped, and leaves nothing running", async () => {
    const repository = await demoModel();
    const { child, result, perfAnalyzer } = underWay(["nsfw", "--repository", repository, ...brief], "nsfw.json");
    await perfAnalyzer();
    expect(await running(repository)).not.toEqual([]);
    child.kill("SIGINT");
    const ended = await result;
    expect(ended.code).toBe(1);
    expect(lastLine(ended)).toBe("briareus: stopped; nothing was written");
    expect(await running(repository)).toEqual([]);
    expect(await running("perf_analyzer", "-m", "nsfw", "nsfw.json")).toEqual([]);
  });

  /** A load test, and the way to wait until perf_analyzer is at work in it. */
  function underWay(args: readonly string[], sign: string) {
    const { child, result } = startCommand(["model", "bench", ...args], env);
    const perfAnalyzer = async () => {
      const at = async () => (await running("perf_analyzer", sign)).length > 0;
      await Promise.race([until(at, 60_000, () => "perf_analyzer does not run"), result]);
      expect(child.exitCode).toBe(null);
    };
    return { child, result, perfAnalyzer };
  }
});

/** Processes whose command line has all of these words. */
async function running(...words: string[]): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, at) => words.every((word) => lines[at]?.includes(word))).map(Number);
}
