import { describe, expect, test } from "vitest";
import { type CapacityOptions, capacityQuestion, numberPer, parseHeadroom } from "../../src/cli/capacity-options.ts";
import { CommandError, exitCodes } from "../../src/cli/exit.ts";

const usual = { goal: 3_000, headroom: 1.25, backlog: 0 };
const workers = new Map([["infer", 2]] as const);

test.each<[string, Partial<CapacityOptions>, object]>([
  ["a rate", { rate: 120 }, { kind: "workers-for", capturesPerSecond: 120 }],
  [
    "streams and their captures a second",
    { streams: 1_000, fps: 0.5 },
    { kind: "workers-for", capturesPerSecond: 500 },
  ],
  ["streams of one capture a second", { streams: 40 }, { kind: "workers-for", capturesPerSecond: 40 }],
  ["workers", { workers }, { kind: "carried-by", workers }],
])("%s is a question", (_, options, question) => {
  expect(capacityQuestion({ ...usual, ...options })).toEqual(question);
});

test.each<[string, Partial<CapacityOptions>, string]>([
  ["nothing", {}, "say what comes, --rate 500"],
  ["two of them", { rate: 1, streams: 1 }, "--rate and --streams ask for different things"],
  ["captures a second of no streams", { rate: 1, fps: 2 }, "--fps is of streams"],
  ["workers for a backlog", { workers, backlog: 5 }, "--backlog is what workers are asked for"],
  ["more than anybody publishes", { streams: 10_000_000, fps: 60 }, "600000000 captures a second are beyond 10000000"],
])("%s is refused with a sentence", (_, options, words) => {
  const asked = () => capacityQuestion({ ...usual, ...options });
  expect(asked).toThrow(words);
  expect(asked).toThrow(expect.objectContaining({ exitCode: exitCodes.usage }));
  expect(asked).toThrow(CommandError);
});

describe("a number per pool", () => {
  const parse = numberPer(["fetch", "model-server"] as const, { least: 0.5, most: 9 });

  test("may be given several times, and several at once; the last one holds", () => {
    expect(parse("fetch=1.5,model-server=2", parse("fetch=3"))).toEqual(
      new Map([
        ["fetch", 1.5],
        ["model-server", 2],
      ]),
    );
  });

  test.each([
    "",
    "fetch",
    "fetch=",
    "gpu=1",
    "fetch=-1",
    "fetch=0.4",
    "fetch=10",
    "fetch=1e1",
    "fetch=1,,",
    "=1",
    "fetch = 1",
  ])("%j is refused, and what is allowed is said", (text) => {
    expect(() => parse(text)).toThrow("NAME=NUMBER with one of fetch, model-server and a number from 0.5 to 9");
  });

  test("may have to be whole", () => {
    expect(() => numberPer(["fetch"] as const, { least: 1, most: 9, whole: true })("fetch=1.5")).toThrow(
      "whole number",
    );
  });
});

test.each(["0.9", "11", "-2", "", "much", "1e0"])("a headroom of %j is refused", (text) => {
  expect(() => parseHeadroom(text)).toThrow("a number from 1 to 10");
});
