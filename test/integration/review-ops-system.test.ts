/** Ops beside the real processes: what the workers count comes out at the API, and what ops do arrives at the workers. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Models, OpsHistory, OpsState } from "../../src/review/contract/ops.ts";
import type { Failures, RedrivePreview, UnprocessablePage } from "../../src/review/contract/ops-failures.ts";
import { runCommand } from "../command.ts";
import { patience } from "../patience.ts";
import { type System, startSystem } from "../system.ts";

let system: System;
let key: string;
/** Pictures under /broken are none until this is false. */
let broken = true;
const noPicture = Buffer.from("\xff\xd8\xffno picture", "latin1");
beforeAll(async () => {
  system = await startSystem({
    review: true,
    pictures: (request, response) => {
      if (!broken || !request.url?.startsWith("/broken")) return false;
      response.writeHead(200, { "content-type": "image/jpeg" }).end(noPicture);
      return true;
    },
  });
  // The database of the same start may not listen yet.
  await vi.waitFor(async () => {
    const made = await runCommand(["review-key", "--name", "ops", "--scopes", "ops"], system.local.environment);
    expect(made.output).toMatch(/^brk_/);
    key = made.output.trim();
  }, patience);
});
afterAll(() => system?.[Symbol.asyncDispose]());

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) };
  const request = { method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : undefined };
  const answer = await fetch(`${system.local.environment.BRIAREUS_REVIEW_URL}/v1/ops/${path}`, request);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
const state = () => ask<OpsState>("state");

test("verdicts, times, failures and models are told of as the real workers count them", async () => {
  // What was counted before the first look shows in no rate and no quantile.
  await vi.waitFor(state, patience);
  const good = await system.publish(64);
  const bad = await system.publish(6, { path: (index) => `/broken/${index}.jpg` });
  await system.untilVerdicts([...good, ...bad], 60_000);
  await expect
    .poll(() => state().then(({ verdicts }) => verdicts.fiveMinutes), patience)
    .toSatisfy(({ clean, flagged, unprocessable, expired }: OpsState["verdicts"]["fiveMinutes"]) => {
      return clean + flagged === 64 && unprocessable === 6 && expired === 0;
    });
  const { pools, intake } = await state();
  expect(pools.map(({ replicas: { running } }) => running)).toEqual([1, 1, 1, 1]);
  expect(intake).toMatchObject({ processes: 1, full: false });
  await expect
    .poll(() => state().then(({ pools }) => pools.map(({ serviceMs }) => (serviceMs.p95 ?? 0) > 0)), patience)
    .toEqual([true, true, true, true]);
  expect((await state()).verdicts.endToEndP95Ms.value ?? 0).toBeGreaterThan(0);

  const { reasons } = await ask<Failures>("failures");
  expect(reasons).toMatchObject([{ reason: "image-corrupt", fiveMinutes: 6 }]);
  await expect
    .poll(() => ask<Models>("models").then(({ models }) => models), patience)
    .toMatchObject([{ model: "nsfw", version: "1", state: "ready", servers: 1 }]);
  const history = await ask<OpsHistory>("history");
  expect(history.atMs.length).toBeGreaterThan(0);
});

test("what failed because of its host is redriven when the host is well, and gets a verdict of its own", async () => {
  const { items } = await ask<UnprocessablePage>("unprocessable");
  expect(items).toHaveLength(6);
  expect(items.every(({ picture }) => picture === "available")).toBe(true);
  broken = false;
  const scope = { kind: "reason", reason: "image-corrupt" };
  const { asOf, count } = await ask<RedrivePreview>("redrive/preview", { scope, pastDeadline: "redrive" });
  expect(count).toBe(6);
  const request = { scope, pastDeadline: "redrive", asOf, count, why: "the host is well again" };
  expect(await ask("redrive", request)).toEqual({ published: 6, failed: 0 });
  const again = (await ask<UnprocessablePage>("unprocessable")).items.map(({ redriven }) => redriven?.captureId ?? "");
  const verdicts = await system.untilVerdicts(again, 60_000);
  expect(verdicts.every(({ verdict }) => verdict === "clean" || verdict === "flagged")).toBe(true);
  expect(verdicts.map(({ attributes }) => attributes["briareus.redriveOf"]).toSorted()).toEqual(
    items.map(({ captureId }) => captureId).toSorted(),
  );
});

test("a pool that ops pauses takes nothing more, says so, and goes on when it is resumed", async () => {
  const tune = (version: number, paused: boolean) =>
    ask("tuning", { version, stages: { infer: { paused } }, why: "a test" });
  await tune(0, true);
  const infer = async () => (await state()).pools.find(({ stage }) => stage === "infer");
  await expect.poll(infer, patience).toMatchObject({ paused: true, versions: [{ version: 1, processes: 1 }] });
  const captures = await system.publish(16);
  await expect.poll(() => infer().then((pool) => pool?.depth), patience).toBe(16);
  expect((await state()).sentence.text).toContain("paused");
  expect(captures.some((captureId) => system.verdicts.has(captureId))).toBe(false);
  await tune(1, false);
  await system.untilVerdicts(captures, 60_000);
});
