/** The sentence on top of the ops page. */
import { describe, expect, test } from "vitest";
import type { Level, OpsPool, OpsStage, OpsState } from "../../src/review/contract/ops.ts";
import { sentenceOf } from "../../src/review/ops/sentence.ts";

const measured = (value: number | null, level: Level = "normal", forMs = 0) => ({ value, level, forMs });

function pool(stage: OpsStage, facts: Partial<OpsPool> = {}, replicas: Partial<OpsPool["replicas"]> = {}): OpsPool {
  return {
    stage,
    oldestAgeMs: measured(200),
    goalMs: 3_000,
    depth: 84,
    inFlight: 16,
    drainMs: measured(400),
    inPerSecond: 212,
    outPerSecond: measured(211),
    serviceMs: { p50: 41, p95: 88, hourP95: 80, level: "normal", forMs: 0 },
    waitingP95Ms: 30,
    busy: measured(0.61),
    paused: false,
    versions: [],
    ...facts,
    replicas: {
      wanted: 2,
      running: 2,
      starting: 0,
      draining: 0,
      min: 1,
      max: 4,
      holding: "none",
      reason: null,
      level: "normal",
      forMs: 0,
      ...replicas,
    },
  };
}

function state(changed: readonly OpsPool[] = [], verdicts: Partial<OpsState["verdicts"]> = {}, perSecond = 212) {
  const stages = ["fetch", "preprocess", "infer", "postprocess"] as const;
  return {
    intake: { perSecond, held: 310, maxHeld: 4_000, full: false, processes: 1 },
    pools: stages.map((stage) => changed.find((each) => each.stage === stage) ?? pool(stage)),
    verdicts: {
      perSecond: { clean: 208, flagged: 3.4, unprocessable: 0.6, expired: 0 },
      endToEndP95Ms: measured(1_200),
      goalMs: 12_000,
      fiveMinutes: { clean: 62_400, flagged: 1_020, unprocessable: 180, expired: 0 },
      failures: measured(0.003),
      ...verdicts,
    },
    deadlineMs: 60_000,
    tuning: { version: 0, trialUntil: null },
  };
}
const say = (...given: Parameters<typeof state>) => sentenceOf(state(...given), 500);

test("where all is well it says how much comes, how quickly it is done, and that nothing has expired", () => {
  expect(say()).toEqual({
    text: "All is well: 212/s in, 95 % done within 1.2 s (goal 12 s) · nothing has expired",
    stage: null,
    level: "normal",
  });
  const empty = ["fetch", "preprocess", "infer", "postprocess"] as const;
  expect(
    say(
      empty.map((stage) => pool(stage, { depth: 0 })),
      {},
      0,
    ).text,
  ).toBe("Nothing comes in, and nothing waits · nothing has expired");
});

test("the worst pool comes first, with its number, the goal, for how long, and what is being done", () => {
  const infer = pool(
    "infer",
    { oldestAgeMs: measured(4_100, "breach", 16_000), depth: 640 },
    { wanted: 4, running: 2, starting: 2, holding: "goal" },
  );
  const fetch = pool("fetch", { oldestAgeMs: measured(2_500, "warning", 60_000) });
  expect(say([fetch, infer])).toEqual({
    text: "infer is the bottleneck: oldest 4.1 s (goal 3 s) for 16 s · 2 → 4 replicas starting · nothing has expired",
    stage: "infer",
    level: "breach",
  });
});

test("of two pools as bad as each other the one whose captures are latest by its goal is named", () => {
  const slow = pool("preprocess", { oldestAgeMs: measured(4_000, "breach", 12_000), goalMs: 3_000 });
  const slower = pool("postprocess", { oldestAgeMs: measured(3_500, "breach", 12_000), goalMs: 1_000 });
  expect(say([slow, slower]).stage).toBe("postprocess");
});

describe("it says what is wrong:", () => {
  const cases: Record<string, [OpsPool, string]> = {
    "no worker": [
      pool("fetch", { depth: 2, oldestAgeMs: measured(9_000) }, { running: 0, level: "breach", forMs: 12_000 }),
      "fetch has no worker: 2 captures wait, the oldest for 9 s · 0 → 2 replicas starting",
    ],
    "nothing leaves": [
      pool("infer", { outPerSecond: measured(0, "breach", 11_000), depth: 640, oldestAgeMs: measured(4_100) }),
      "Nothing leaves infer for 11 s: 640 captures wait, the oldest for 4.1 s · 2 running",
    ],
    "too much work": [
      pool(
        "infer",
        { drainMs: measured(4_300, "warning", 12_000), depth: 640 },
        { wanted: null, min: null, max: null },
      ),
      "infer is behind: 640 captures wait, 4.3 s of work (goal 3 s) · 2 running, nobody scales it",
    ],
    "less out than in": [
      pool(
        "infer",
        { outPerSecond: measured(150, "warning", 40_000) },
        { wanted: 4, running: 4, max: 4, holding: "limit" },
      ),
      "infer falls behind: 150/s out, 212/s in for 40 s · at its maximum of 4",
    ],
    "too few workers": [
      pool("infer", {}, { wanted: 4, running: 2, level: "warning", forMs: 45_000 }),
      "infer is short of workers: 2 of 4 run for 45 s · 2 → 4 replicas starting",
    ],
    "full slots": [
      pool("infer", { busy: measured(0.99, "warning") }, { holding: "next-full" }),
      "infer is nearly full: 99 % of its slots are at work · held: the next pool is full",
    ],
    "slower than usual": [
      pool("infer", { serviceMs: { p50: 41, p95: 190, hourP95: 80, level: "warning", forMs: 12_000 } }, { wanted: 1 }),
      "infer is slower than usual: p95 190 ms, 80 ms in the last hour · 2 → 1 replicas, 1 draining",
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [bad, text]) => {
    expect(say([bad]).text).toBe(`${text} · nothing has expired`);
  });
});

test("what has expired, and what fails, is told whatever else is wrong", () => {
  const fiveMinutes = { clean: 900, flagged: 0, unprocessable: 80, expired: 12 };
  const bad = { fiveMinutes, failures: measured(0.093, "breach") };
  expect(say([], bad)).toEqual({
    text: "9.3 % of the verdicts of five minutes are failures · 12 expired in five minutes",
    stage: null,
    level: "breach",
  });
  const infer = pool("infer", { busy: measured(0.9, "warning") });
  expect(say([infer], bad)).toMatchObject({
    text: expect.stringMatching(/^infer is nearly full.* are failures · 12 expired in five minutes$/),
    level: "breach",
  });
});

test("verdicts that come late are told of where no pool is to blame", () => {
  expect(say([], { endToEndP95Ms: measured(14_000, "breach", 20_000) }).text).toBe(
    "Verdicts take 14 s from end to end (goal 12 s) for 20 s · nothing has expired",
  );
});

test("a pause is said, with what keeps coming", () => {
  const paused = pool("infer", { paused: true, depth: 640 });
  expect(say([paused])).toMatchObject({
    text: "infer is paused: 640 captures wait, 212/s keep coming · nothing has expired",
    stage: "infer",
  });
  const late = pool("infer", { paused: true, oldestAgeMs: measured(9_000, "breach", 30_000) });
  expect(say([late]).text).toContain("for 30 s · paused by ops");
});

test("figures that are old are told of before all they say", () => {
  const infer = pool("infer", { oldestAgeMs: measured(4_100, "breach", 16_000) });
  expect(sentenceOf(state([infer]), 14_200)).toEqual({
    text: "These figures are 14.2 s old: nobody measures any more",
    stage: null,
    level: "breach",
  });
});
