/** What perf_analyzer is told, what it answers, and what people see of it. */
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { benchPlot } from "../../src/models/bench/bench-plot.ts";
import { benchTable } from "../../src/models/bench/bench-table.ts";
import type { BenchReport, LoadResult, Measurement } from "../../src/models/bench/measurement.ts";
import { perfArguments, requestIntervals } from "../../src/models/bench/perf-arguments.ts";
import { parsePerfReport } from "../../src/models/bench/perf-report.ts";
import { linearTicks, logarithmicTicks } from "../../src/models/bench/ticks.ts";

/** Recorded: perf_analyzer 2.51.0 on the demo model, two requests at a time, three windows of a second. */
const recordedCsv = `Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency,Avg latency,request/response,response wait
2,62.0536,20,1576,2143,171,27372,750,3,28955,43270,58143,81242,32039,23,31981
`;
const recordedOutput = ` Successfully read data for 1 stream/streams with 8 step/steps.
*** Measurement Settings ***
  Batch size: 1
  Service Kind: TRITON
  Using "time_windows" mode for stabilization
  Stabilizing using average latency and throughput
  Measurement window: 1000 msec
  Using synchronous calls for inference

Request concurrency: 2
  Pass [1] throughput: 51.5759 infer/sec. Avg latency: 38669 usec (std 18663 usec). 
  Pass [2] throughput: 63.2628 infer/sec. Avg latency: 31201 usec (std 7838 usec). 
  Pass [3] throughput: 71.2903 infer/sec. Avg latency: 27999 usec (std 7134 usec). 
  Client: 
    Request count: 224
    Throughput: 62.0536 infer/sec
    Avg client overhead: 0.21%
    Avg latency: 32039 usec (standard deviation 12413 usec)
    p50 latency: 28955 usec
    p90 latency: 43270 usec
    p95 latency: 58143 usec
    p99 latency: 81242 usec
    Avg gRPC time: 32004 usec (marshal 20 usec + response wait 31981 usec + unmarshal 3 usec)
  Server: 
    Inference count: 224
    Execution count: 114
    Successful request count: 224
    Avg request latency: 30446 usec (overhead 8 usec + queue 2143 usec + compute input 171 usec + compute infer 27372 usec + compute output 750 usec)

Inferences/Second vs. Client Average Batch Latency
Concurrency: 2, throughput: 62.0536 infer/sec, latency 32039 usec
`;

const measured: Measurement = {
  outcome: "measured",
  requests: 224,
  picturesPerSecond: 62.0536,
  latencyMs: { p50: 28.955, p90: 43.27, p95: 58.143, p99: 81.242 },
  meanBatch: 224 / 114,
  queueMs: 2.143,
  computeMs: 0.171 + 27.372 + 0.75,
  windows: [51.5759, 63.2628, 71.2903],
  delayedShare: 0,
};
const steady: Measurement = { ...measured, picturesPerSecond: 124.1, windows: [120, 124, 128] };

const results: LoadResult[] = [
  { model: "faces", load: { kind: "concurrency", requests: 1 }, result: { ...steady, picturesPerSecond: 40 } },
  { model: "faces-int8", load: { kind: "concurrency", requests: 1 }, result: steady },
  { model: "faces", load: { kind: "concurrency", requests: 16 }, result: measured },
  { model: "faces-int8", load: { kind: "concurrency", requests: 16 }, result: { outcome: "overloaded" } },
  { model: "faces", load: { kind: "rate", perSecond: 200 }, result: { outcome: "overloaded" } },
  { model: "faces-int8", load: { kind: "rate", perSecond: 200 }, result: { ...steady, delayedShare: 0.04 } },
];
const model = { version: "1", input: "UINT8 [-1, 224, 224, 3]", maxBatchSize: 16 };
const report: BenchReport = {
  ...{ measuredAt: "2026-11-22T12:00:00.000Z", server: "Triton", perfAnalyzer: "2.51.0", pictures: "32 generated" },
  ...{ picturesPerRequest: 1, secondsPerLoad: 5, results },
  models: [
    { name: "faces", ...model },
    { name: "faces-int8", ...model },
  ],
};

describe("perf_analyzer's report", () => {
  test("gives throughput, percentiles, the mean batch, and times in the queue and at work", () => {
    const parsed = parsePerfReport(recordedCsv, recordedOutput);
    expect(parsed).toEqual({ ...measured, computeMs: expect.closeTo(28.293, 6) });
  });

  test("of a server without statistics has no times of the server's own", () => {
    const csv = "Concurrency,Inferences/Second,p50 latency,p90 latency,p95 latency,p99 latency\n2,62,1,2,3,4\n";
    const output = recordedOutput.replace(/ {2}Server: [\s\S]*$/, "");
    expect(parsePerfReport(csv, output)).toMatchObject({
      ...{ meanBatch: undefined, queueMs: undefined, computeMs: undefined },
      latencyMs: { p50: 0.001, p90: 0.002, p95: 0.003, p99: 0.004 },
    });
  });

  test("tells that the client fell behind", () => {
    const warning =
      "    [WARNING] Perf Analyzer was not able to keep up with the desired request rate. 9.30% of the requests were delayed. \n";
    const output = recordedOutput.replace("    Throughput", `${warning}    Throughput`);
    expect(parsePerfReport(recordedCsv, output).delayedShare).toBeCloseTo(0.093, 6);
  });

  test.each([
    ["without a line of values", recordedCsv.split("\n")[0] ?? "", recordedOutput],
    ["without a percentile", recordedCsv.replace("p99 latency", "p98 latency"), recordedOutput],
    ["that measured nothing", recordedCsv.replace("62.0536", "0"), recordedOutput],
    ["without a count", recordedCsv, ""],
  ])("%s is refused", (_, csv, output) => {
    expect(() => parsePerfReport(csv, output)).toThrow(/perf_analyzer's report is not understood/);
  });
});

describe("perf_analyzer's command line", () => {
  const options = {
    ...{ model: "faces", address: "127.0.0.1:8001", picturesPerRequest: 4, seconds: 6 },
    ...{ inputFile: "in.json", reportFile: "out.csv", intervalsFile: "intervals" },
  };

  test("keeps so many requests under way, with true pictures, in three windows", () => {
    const line = perfArguments({ ...options, load: { kind: "concurrency", requests: 8 } }).join(" ");
    expect(line).toContain("-m faces -u 127.0.0.1:8001 -i grpc -b 4 --input-data in.json --concurrency-range 8 ");
    expect(line).toContain("--measurement-interval 2000 --max-trials 3");
    expect(line).toContain("-f out.csv --verbose-csv");
  });

  test("sends at a rate without waiting for answers", () => {
    const line = perfArguments({ ...options, load: { kind: "rate", perSecond: 20 } }).join(" ");
    expect(line).toContain("--request-intervals intervals --async");
    expect(line).not.toContain("concurrency");
  });

  test("spreads a rate's requests at random, exactly as many as asked, the same in every run", () => {
    const gaps = requestIntervals(50, 20);
    expect(gaps).toHaveLength(1000);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeCloseTo(20_000, -1);
    // Times between events of a Poisson process spread as far as their mean.
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeGreaterThan(0.9);
    expect(deviation / mean).toBeLessThan(1.1);
    expect(requestIntervals(50, 20)).toEqual(gaps);
    expect(Math.min(...requestIntervals(90_000, 5))).toBeGreaterThan(0);
  });
});

describe("the table", () => {
  test("has a line for each model under each load, full queues too", () => {
    const [heading, ...lines] = benchTable(report).split("\n");
    expect(heading).toBe(
      "load          model       pictures/s  p50 ms  p90 ms  p95 ms  p99 ms  batch  queue ms  compute ms",
    );
    expect(lines.slice(0, 6)).toEqual([
      "1 at a time   faces             40.0    29.0    43.3    58.1    81.2    2.0       2.1        28.3",
      "1 at a time   faces-int8       124.1    29.0    43.3    58.1    81.2    2.0       2.1        28.3",
      "16 at a time  faces             62.1    29.0    43.3    58.1    81.2    2.0       2.1        28.3",
      "16 at a time  faces-int8  queue full",
      "200/s         faces       queue full",
      "200/s         faces-int8       124.1    29.0    43.3    58.1    81.2    2.0       2.1        28.3",
    ]);
  });

  test("says what is unsteady, where the client fell behind, and what each model is worth against the first", () => {
    expect(benchTable(report).split("\n").slice(7)).toEqual([
      "",
      "Unsteady: in 1 of 3 the throughput changed by more than 20 % meanwhile (at the worst 28 %)",
      "The client fell behind in 1 of 4: their rates are below what was asked",
      "faces-int8: 2.00 times the best throughput of faces (124.1 ÷ 62.1 pictures/s)",
      "",
    ]);
  });
});

describe("the plot", () => {
  const svg = benchPlot(report);
  const drawn = async (picture: string) => (await sharp(Buffer.from(picture)).png().toBuffer()).length;

  test("is one picture that needs nothing else, for light and dark pages", async () => {
    expect(await drawn(svg)).toBeGreaterThan(5_000);
    expect(svg).not.toMatch(/href|url\(|<script|@import/);
    expect(svg).toContain("@media (prefers-color-scheme: dark)");
  });

  test("has a point for all that was measured, and a line through each sweep", () => {
    expect(svg.match(/<circle[^>]* r="4"/g)).toHaveLength(3);
    expect(svg.match(/<rect[^>]* width="8"/g)).toHaveLength(1);
    expect(svg.match(/<polyline/g)).toHaveLength(1);
    expect(svg).toContain("<title>faces, 16 at a time: 62.1 pictures/s, median 29.0 ms, 99 % within 81.2 ms</title>");
  });

  test("keeps every mark inside its frame", () => {
    const numbers = (name: string) =>
      [...svg.matchAll(new RegExp(` ${name}="([-\\d.]+)"`, "g"))].map(([, n]) => Number(n));
    for (const across of ["x", "x1", "cx"].flatMap(numbers)) expect(across).toBeLessThanOrEqual(860);
    for (const down of ["y", "y1", "y2", "cy"].flatMap(numbers)) {
      expect(down).toBeGreaterThanOrEqual(0);
      expect(down).toBeLessThanOrEqual(520);
    }
  });

  test("is drawn of nothing, too", async () => {
    const empty = benchPlot({ ...report, results: [] });
    expect(await drawn(empty)).toBeGreaterThan(0);
    expect(empty).not.toMatch(/NaN|Infinity/);
  });

  test("of one point has no NaN, and escapes names", async () => {
    const [first] = results;
    const models = [{ name: "a<b", ...model }];
    const one = benchPlot({ ...report, models, results: first ? [{ ...first, model: "a<b" }] : [] });
    expect(await drawn(one)).toBeGreaterThan(0);
    expect(one).not.toMatch(/NaN|Infinity/);
  });
});

test("ticks are round and reach around the values", () => {
  expect(linearTicks(124)).toEqual([0, 20, 40, 60, 80, 100, 120, 140]);
  expect(linearTicks(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(logarithmicTicks(28.9, 581)).toEqual([20, 50, 100, 200, 500, 1000]);
  expect(logarithmicTicks(10, 10)).toEqual([10, 20]);
  expect(logarithmicTicks(0.05, 0.3)).toEqual([0.05, 0.1, 0.2, 0.5]);
});
