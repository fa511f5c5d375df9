/** bull-board behind the scope ops: it shows what lies on the queues, and can do nothing to it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues, type Queues } from "../../src/pipeline/queues.ts";
import { inFlight } from "../items.ts";
import { startReviewOps, type TestOps } from "../review-ops.ts";

let ops: TestOps;
let queues: Queues;
const batchId = newBatchId();
beforeAll(async () => {
  ops = await startReviewOps({ sampling: false });
  queues = openQueues(ops.redis);
  await queues.add("infer", [{ batchId, items: [inFlight("a"), inFlight("b")] }]);
});
afterAll(async () => {
  await queues.close();
  await ops[Symbol.asyncDispose]();
});

test("the board tells of every queue, the suspects' too, and of a job what it holds", async () => {
  const list = await ops.key("GET", "/ops/queues/api/queues");
  expect(list.statusCode).toBe(200);
  const names = list.json().queues.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(["fetch", "infer", "infer-suspects", "postprocess"]));
  expect(list.json().queues.every(({ readOnlyMode }: { readOnlyMode: boolean }) => readOnlyMode)).toBe(true);
  const job = await ops.key("GET", `/ops/queues/api/queues/infer/${batchId}`);
  expect(job.json().job.data.items).toHaveLength(2);
});

test("the page and its files come from this server alone, under a policy that lets no foreign script in", async () => {
  for (const path of ["/ops/queues", "/ops/queues/queue/infer"]) {
    const page = await ops.person("GET", path);
    expect([page.statusCode, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page.headers["content-security-policy"]).toMatch(/script-src 'self'(;|$)/);
    const files = [...page.body.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await ops.person("GET", `/ops/queues/${file}`)).statusCode).toBe(200);
  }
});

describe("nobody gets", () => {
  const paths = ["/ops/queues", "/ops/queues/queue/infer", "/ops/queues/api/queues", "/ops/queues/static/js/main.js"];

  test("anything of it without the scope ops", async () => {
    const lead = await ops.api.person("lead");
    for (const path of paths) {
      expect((await lead("GET", path)).json().code).toBe("forbidden");
      expect((await ops.api.anybody("GET", path)).json().code).toBe("not-signed-in");
    }
  });

  test("a file from outside its folder", async () => {
    for (const path of ["../package.json", "..%2fpackage.json", "%2e%2e/%2e%2e/package.json", "nothing.js", ".."]) {
      const answer = await ops.person("GET", `/ops/queues/static/${path}`);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    }
  });

  test("to change anything: of bull-board's ways to do so there is none", async () => {
    const attempts: ["POST" | "PUT" | "PATCH", string][] = [
      ["PUT", "queues/pause"],
      ["PUT", "queues/infer/pause"],
      ["PUT", "queues/infer/empty"],
      ["PUT", "queues/infer/obliterate"],
      ["PUT", "queues/infer/clean/failed"],
      ["PUT", "queues/infer/retry/failed"],
      ["PUT", `queues/infer/${batchId}/retry`],
      ["PUT", `queues/infer/${batchId}/clean`],
      ["PUT", `queues/infer/${batchId}/promote`],
      ["PATCH", `queues/infer/${batchId}/update-data`],
      ["POST", "queues/infer/add"],
    ];
    const admin = await ops.api.person("admin", undefined, ["ops"]);
    for (const [method, path] of attempts) {
      const answer = await admin(method, `/ops/queues/api/${path}`, {});
      expect([path, answer.statusCode]).toEqual([path, 404]);
    }
    expect(await queues.queue("infer").getWaitingCount()).toBe(1);
    expect(await queues.queue("infer").isPaused()).toBe(false);
  });
});

test("while Redis is away the board says so", async () => {
  await ops.service.pause();
  try {
    expect((await ops.key("GET", "/ops/queues/api/queues")).json()).toMatchObject({ code: "unavailable" });
  } finally {
    await ops.service.resume();
  }
});
