import { describe, expect, test } from "vitest";
import type { Platform } from "../../../src/serving/render/platform.ts";
import { wantedRevision } from "../../../src/serving/render/revision.ts";
import type { ModelServer } from "../../../src/serving/resource/model-server.ts";
import type { Counters, ModelServerStatus } from "../../../src/serving/resource/model-server-status.ts";
import { conditionsOf } from "../../../src/serving/rollout/conditions.ts";
import { judgeCanary } from "../../../src/serving/rollout/judge-canary.ts";
import { type Decision, nextRollout } from "../../../src/serving/rollout/next-rollout.ts";
import type { JobState, Observation, RevisionState } from "../../../src/serving/rollout/observation.ts";
import { planOf } from "../../../src/serving/rollout/plan.ts";
import { scaling } from "../../../src/serving/rollout/scaling-condition.ts";
import { exampleServer, platform } from "./model-servers.ts";

const start = Date.parse("2026-11-20T12:00:00Z");
const since = new Date(start).toISOString();
const minute = 60_000;

/** A ModelServer whose spec asks for "new", and what is seen of it. */
class Story {
  server: ModelServer;
  nowMs = start;
  states: Record<string, Partial<RevisionState>> = {};
  comparison: JobState = { state: "absent" };
  counters: Observation["counters"];
  misfit: Observation["misfit"];
  events: string[] = [];

  constructor(status: Partial<ModelServerStatus> = {}, spec: object = {}) {
    this.server = exampleServer("high-risk", { replicas: { min: 1, max: 20, wanted: 20 }, ...spec });
    this.server.status = { ...this.server.status, ...status };
  }

  seen(): Observation {
    const nothing = { conversion: { state: "done" as const }, conversionsNeeded: 0, models: [] };
    return {
      ...{ nowMs: this.nowMs, wanted: "new", comparison: this.comparison, gatewaysReady: 2 },
      revision: (name) => ({ ...nothing, servers: undefined, serversThere: 0, serversReady: 0, ...this.states[name] }),
      ...(this.counters && { counters: this.counters }),
      ...(this.misfit && { misfit: this.misfit }),
    };
  }

  look(laterMs = 0): Decision {
    this.nowMs += laterMs;
    const decision = nextRollout(this.server, this.seen());
    const { conditions, ...rest } = this.server.status;
    const { serving, rollout, refused, ...others } = rest;
    this.server.status = { ...others, conditions, ...decision.status };
    this.events.push(...decision.announcements.map(({ reason }) => reason));
    return decision;
  }

  shares(): Record<string, [number | undefined, number]> {
    const template = wantedRevision(this.server, platform).template;
    const templates = new Map(["old", "new"].map((name) => [name, template]));
    const { revisions } = planOf(this.server.spec, this.server.status, templates, this.seen());
    return Object.fromEntries(revisions.map(({ revision, replicas, weight }) => [revision, [replicas, weight]]));
  }
}

const old = { serving: { revision: "old", since, models: [] } };
const running = (servers: number): Partial<RevisionState> => ({
  servers,
  serversThere: servers,
  serversReady: servers,
});

describe("the first version", () => {
  test("gets all traffic and serves as soon as one server is ready, without a canary", () => {
    const story = new Story();
    expect(story.look().status.rollout?.phase).toBe("Starting");
    expect(story.shares()).toEqual({ new: [20, 100] });
    story.states.new = { ...running(20), serversReady: 1 };
    expect(story.look().status).toMatchObject({ serving: { revision: "new" } });
    expect(story.events).toEqual(["Starting", "Serves"]);
  });

  test("is never given up because it takes long: there is nothing to go back to", () => {
    const story = new Story();
    story.look();
    expect(story.look(24 * 60 * minute).status).toMatchObject({ rollout: { phase: "Starting" } });
  });

  test("whose conversion failed is not started, and the condition says why", () => {
    const story = new Story();
    story.states.new = {
      conversion: { state: "failed", message: "3 of 10 pictures are judged otherwise" },
      conversionsNeeded: 1,
    };
    const { status } = story.look();
    expect(status.refused).toMatchObject({ reason: "ConversionFailed" });
    expect(story.shares()).toEqual({ new: [undefined, 0] });
    const conditions = conditionsOf(story.server, status, story.seen(), platform);
    expect(conditions.find(({ type }) => type === "Converted")).toMatchObject({
      status: "False",
      reason: "ConversionFailed",
    });
    expect(conditions.find(({ type }) => type === "Ready")).toMatchObject({
      status: "False",
      reason: "ConversionFailed",
    });
  });
});

describe("a new version", () => {
  const begun = (spec: object = {}) => {
    const story = new Story(old, spec);
    story.states = { old: running(20) };
    story.look();
    return story;
  };

  test("starts beside the old, takes its share, is filled up, and then serves; the old retires before it ends", () => {
    const story = begun();
    expect(story.shares()).toEqual({ old: [20, 100], new: [2, 0] });
    story.states.new = running(2);
    expect(story.look().status.rollout?.phase).toBe("Canary");
    expect(story.shares()).toEqual({ old: [20, 90], new: [2, 10] });
    expect(story.look(4 * minute).status.rollout?.phase).toBe("Canary");
    expect(story.look(minute).status.rollout?.phase).toBe("Filling");
    expect(story.shares()).toEqual({ old: [20, 90], new: [20, 10] });
    story.states.new = running(20);
    story.look();
    expect(story.shares()).toEqual({ old: [20, 0], new: [20, 100] });
    story.look(3 * minute);
    expect(story.shares()).toEqual({ new: [20, 100] });
    expect(story.events).toEqual(["Starting", "Canary", "Filling", "Serves"]);
  });

  test("gets no traffic before its comparison has passed, and none at all if it fails", () => {
    const story = begun({ rollout: { comparison: {} } });
    story.states.new = running(2);
    story.comparison = { state: "running" };
    story.look();
    expect(story.shares()).toEqual({ old: [20, 100], new: [2, 0] });
    story.comparison = { state: "failed", message: "12 of 1000 verdicts change" };
    expect(story.look().status).toMatchObject({ refused: { reason: "ComparisonFailed" }, retiring: [] });
    expect(story.shares()).toEqual({ old: [20, 100], new: [undefined, 0] });
    expect(story.look(60 * minute).status.rollout).toBeUndefined();
  });

  test("that workers of the old one could not ask is given up before it gets any traffic", () => {
    const story = begun();
    story.states.new = running(2);
    story.misfit = "high-risk has the labels a, b, the version that serves b, a";
    expect(story.look().status).toMatchObject({ refused: { reason: "ModelDoesNotFit" }, retiring: [] });
    expect(story.shares()).toEqual({ old: [20, 100], new: [undefined, 0] });
  });

  test("that is not ready in time is given up, with what its pods say", () => {
    const story = begun();
    story.states.new = {
      trouble: { reason: "ModelNotFetched", message: "gs://models/high-risk/3 holds no manifest.json" },
    };
    expect(story.look(19 * minute).status.refused).toBeUndefined();
    expect(story.look(minute).status.refused).toMatchObject({ reason: "ModelNotFetched" });
    expect(story.server.status.serving?.revision).toBe("old");
  });

  test("that fails under traffic loses its share at once, and its servers only when the Envoys know", () => {
    const story = begun();
    story.states.new = running(2);
    story.counters = { candidate: counted(0), serving: counted(0) };
    story.look();
    story.counters = { candidate: counted(100, 9), serving: counted(900, 1) };
    expect(story.look(minute).status.refused).toMatchObject({ reason: "CanaryFails" });
    expect(story.shares()).toEqual({ old: [20, 100], new: [2, 0] });
    story.look(3 * minute);
    expect(story.shares()).toEqual({ old: [20, 100], new: [undefined, 0] });
  });

  test("is left when the spec goes back to the version that serves", () => {
    const story = begun();
    story.server.status = {
      ...story.server.status,
      serving: { revision: "new", since, models: [] },
      rollout: { revision: "other", phase: "Canary", since },
    };
    const { status, announcements } = story.look();
    expect(status).toMatchObject({ retiring: [{ revision: "other" }] });
    expect(status.rollout).toBeUndefined();
    expect(announcements.map(({ reason }) => reason)).toEqual(["Abandoned"]);
  });

  test("is decided alike however often it is looked at: nobody who takes over starts again", () => {
    const story = begun();
    story.states.new = running(2);
    story.look();
    const before = structuredClone(story.server.status);
    for (let times = 0; times < 5; times += 1) story.look(1_000);
    expect(story.server.status).toEqual(before);
  });
});

const counted = (requests: number, failures = 0, meanMs = 10): Counters => ({
  ...{ requests, failures },
  microseconds: requests * meanMs * 1_000,
});

describe("a canary", () => {
  const judged = (candidate: Counters, serving: Counters, latencyGoalMs?: number) =>
    judgeCanary({ before: { candidate: counted(0), serving: counted(0) }, now: { candidate, serving }, latencyGoalMs })
      ?.reason;

  test("is not judged by a handful of requests", () => expect(judged(counted(19, 19), counted(100))).toBeUndefined());
  test("may fail as often as the old version does, but not much more", () => {
    expect(judged(counted(100, 9), counted(100, 5))).toBeUndefined();
    expect(judged(counted(100, 11), counted(100, 5))).toBe("CanaryFails");
  });
  test("must keep the goal, unless the old version misses it as well", () => {
    expect(judged(counted(100, 0, 60), counted(100, 0, 40), 50)).toBe("CanarySlow");
    expect(judged(counted(100, 0, 60), counted(100, 0, 55), 50)).toBeUndefined();
    expect(judged(counted(100, 0, 60), counted(100, 0, 40))).toBeUndefined();
  });
  test("whose servers were started anew is judged by what they counted since", () => {
    const before = { candidate: counted(1_000, 500), serving: counted(1_000) };
    expect(judgeCanary({ before, now: { candidate: counted(50), serving: counted(2_000) } })).toBeUndefined();
  });
});

describe("the condition Autoscaled", () => {
  const { prometheusUrl, ...withoutPrometheus } = platform;
  const noKeda = { ...platform.has, scaledObjects: false };
  const gpu = { spec: {}, example: "high-risk" };
  const cases: [string, Platform, typeof gpu, RegExp][] = [
    ["by KEDA", platform, gpu, /^True ByQueueTime: ScaledObject high-risk keeps it between 1 and 4 servers/],
    ["by a metric", { ...withoutPrometheus, queueMetric: "m" }, gpu, /^True ByQueueTime: .* by the metric m$/],
    ["by CPU", withoutPrometheus, { ...gpu, example: "several-on-cpu" }, /^True ByCpu: /],
    ["by nothing, and need not be", platform, { ...gpu, spec: { replicas: { min: 2, max: 2 } } }, /^False FixedNumber/],
    [
      ...(["by nothing: KEDA is there", withoutPrometheus, gpu] as const),
      /^False NothingScales: [^:]*: start the serving controller with --prometheus, or with --queue-metric\. By hand: kubectl scale/,
    ],
    [
      ...(["by nothing: Prometheus is there", { ...platform, has: noKeda }, gpu] as const),
      /^False NothingScales: [^:]*: install KEDA and start the serving controller anew, or with --queue-metric\./,
    ],
    [
      ...(["by nothing: nothing is there", { ...withoutPrometheus, has: noKeda }, gpu] as const),
      /^False NothingScales: [^:]*: install KEDA and start the serving controller with --prometheus, or/,
    ],
  ];
  test.each(cases)("of a server that is scaled %s", (_, on, { example, spec }, words) => {
    const { status, reason, message } = scaling(exampleServer(example, spec), on);
    expect(`${status} ${reason}: ${message}`).toMatch(words);
  });
  test("has the reason of an autoscaler that cannot, and where to read more", () => {
    const { status, reason, message } = scaling(exampleServer("high-risk"), platform, "FailedGetExternalMetric");
    expect(`${status} ${reason}: ${message}`).toMatch(
      /^False FailedGetExternalMetric: .* and cannot now\. Why: kubectl describe scaledobject high-risk --namespace models$/,
    );
  });
});
