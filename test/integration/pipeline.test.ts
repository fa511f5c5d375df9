/** The whole system, end to end, as publishers and subscribers see it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openBlobStore } from "../../src/blobs/open-blob-store.ts";
import { samplePicture } from "../../src/local/sample-streams/pictures.ts";
import { type System, startSystem } from "../system.ts";

const patienceMs = 40_000;
const traces: string[] = [];
let system: System;
let collector: ReturnType<typeof createServer>;

beforeAll(async () => {
  const [flagged, middling] = await Promise.all([samplePicture("skin", 30), samplePicture("skin", 32)]);
  collector = createServer(async (request, response) => {
    traces.push(Buffer.concat(await request.toArray()).toString("latin1"));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  const address = collector.address();
  if (address === null || typeof address === "string") throw new Error("the collector has no port");
  system = await startSystem({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
    pictures: (request, response) => {
      if (request.url === "/missing.jpg") return Boolean(response.writeHead(404).end());
      if (request.url === "/flagged.jpg") return Boolean(response.writeHead(200).end(flagged));
      if (request.url === "/middling.jpg") return Boolean(response.writeHead(200).end(middling));
      if (request.url === "/cut.jpg") return Boolean(response.writeHead(200).end(flagged.subarray(0, 9_000)));
      if (request.url === "/page.jpg") return Boolean(response.writeHead(200).end("<html>no picture</html>"));
      return false;
    },
  });
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  collector?.close();
});

async function verdictOf(path: string) {
  const [verdict] = await system.untilVerdicts(await system.publish(1, { path: () => path }), patienceMs);
  if (!verdict) throw new Error("there is no verdict");
  return verdict;
}

test("a clean picture is clean, with the scores, versions and times that led to it", async () => {
  const verdict = await verdictOf("/room.jpg");
  expect(verdict).toMatchObject({ verdict: "clean", reason: null, findings: [], policyVersion: "nsfw-1" });
  expect(verdict.scores).toMatchObject([{ model: "nsfw", version: "1" }]);
  const { fetch, preprocess, infer, receivedAtMs } = verdict.times;
  const moments = [receivedAtMs, fetch?.startedAtMs, preprocess?.startedAtMs, infer?.startedAtMs, verdict.decidedAtMs];
  expect(moments).toEqual(moments.toSorted((a = 0, b = 0) => a - b));
});

test("a flagged picture is flagged, and its picture is kept as evidence", async () => {
  const verdict = await verdictOf("/flagged.jpg");
  expect(verdict).toMatchObject({ verdict: "flagged", review: "flagged" });
  expect(verdict.findings[0]).toMatchObject({ category: "pornography", severity: "severe", rule: "single-frame" });
  const store = openBlobStore(system.local.environment.BRIAREUS_EVIDENCE ?? "");
  expect(Buffer.from(await store.get(verdict.evidence ?? ""))).toEqual(Buffer.from(await samplePicture("skin", 30)));
  await store.close();
});

test("a stream's flagged capture brings what came before it, and what follows it is context, thumbnails and all", async () => {
  const streamId = "walked-through";
  const verdicts = [];
  for (const [index, name] of ["room", "room", "flagged", "room"].entries()) {
    const capture = {
      captureId: `walk-${index}`,
      streamId,
      capturedAt: new Date().toISOString(),
      imageUri: `http://${system.pictureAddress}/${name}.jpg`,
    };
    await system.publishRaw(Buffer.from(JSON.stringify(capture)));
    verdicts.push(...(await system.untilVerdicts([capture.captureId], patienceMs)));
  }
  expect(verdicts.map(({ review }) => review).slice(2)).toEqual(["flagged", "context"]);
  const [, , flagged, context] = verdicts;
  expect(flagged?.before?.map(({ captureId }) => captureId)).toEqual(["walk-0", "walk-1"]);
  expect(flagged).toMatchObject({ width: 1280, height: 720 });
  const store = openBlobStore(system.local.environment.BRIAREUS_EVIDENCE ?? "");
  for (const reference of [flagged?.before?.[0]?.thumbnail, flagged?.thumbnail, context?.thumbnail]) {
    expect(await sharp(await store.get(reference ?? "")).metadata()).toMatchObject({
      format: "jpeg",
      width: 160,
      height: 90,
    });
  }
  await store.close();
});

test("captures that are middling again and again are flagged by the sustained rule, together", async () => {
  const captures = [1, 2, 3, 4].map((second) => ({
    captureId: `middling-${second}`,
    streamId: "middling",
    capturedAt: new Date(Date.now() - 5_000 + second * 1_000).toISOString(),
    imageUri: `http://${system.pictureAddress}/middling.jpg`,
  }));
  for (const capture of captures) await system.publishRaw(Buffer.from(JSON.stringify(capture)));
  const verdicts = await system.untilVerdicts(
    captures.map(({ captureId }) => captureId),
    patienceMs,
  );
  const flagged = verdicts.filter(({ verdict }) => verdict === "flagged");
  expect(flagged).toHaveLength(1); // Whichever came last.
  expect(flagged[0]?.findings).toMatchObject([
    { category: "pornography", rule: "sustained", threshold: 0.6, sustained: { over: 4, of: 4, spanMs: 3_000 } },
  ]);
});

test.each([
  ["/missing.jpg", "not-found"],
  ["/cut.jpg", "image-corrupt"],
  ["/page.jpg", "wrong-type"],
])("%s is unprocessable: %s", async (path, reason) => {
  expect(await verdictOf(path)).toMatchObject({ verdict: "unprocessable", reason });
});

test.each([
  ["no JSON", "}{"],
  ["an empty object", "{}"],
  [
    "a capture without a picture",
    JSON.stringify({ captureId: "x", streamId: "y", capturedAt: new Date().toISOString() }),
  ],
])("a message that is %s gets the verdict invalid-capture under the message's id", async (_what, text) => {
  const captureId = `invalid-${await system.publishRaw(Buffer.from(text))}`;
  const [verdict] = await system.untilVerdicts([captureId], patienceMs);
  expect(verdict).toMatchObject({ verdict: "unprocessable", reason: "invalid-capture", streamId: null });
});

test("a capture older than its deadline is expired and its picture is never asked for", async () => {
  const capture = {
    captureId: "old-capture",
    streamId: "s",
    capturedAt: new Date(Date.now() - 3_600_000).toISOString(),
    imageUri: `http://${system.pictureAddress}/old.jpg`,
  };
  await system.publishRaw(Buffer.from(JSON.stringify(capture)));
  const [verdict] = await system.untilVerdicts([capture.captureId], patienceMs);
  expect(verdict).toMatchObject({ verdict: "expired", reason: "deadline-exceeded", times: {} });
});

test("subscribers filter by the verdict's attributes, and the publisher's trace runs through every stage to it", async () => {
  const filter = 'attributes.verdict = "flagged" AND hasPrefix(attributes.streamId, "traced")';
  const [subscription] = await system.pubsub.createSubscription("verdicts", "only-flagged", { filter });
  const seen: Record<string, string>[] = [];
  subscription.on("message", (message) => {
    seen.push(message.attributes);
    message.ack();
  });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const captures = ["room", "flagged"].map((name) => ({
    captureId: `traced-${name}`,
    streamId: "traced-stream",
    capturedAt: new Date().toISOString(),
    imageUri: `http://${system.pictureAddress}/${name}.jpg`,
  }));
  for (const capture of captures) await system.publishRaw(Buffer.from(JSON.stringify(capture)), { traceparent });
  await system.untilVerdicts(
    captures.map(({ captureId }) => captureId),
    patienceMs,
  );
  await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: patienceMs });
  expect(seen[0]).toEqual({
    verdict: "flagged",
    captureId: "traced-flagged",
    streamId: "traced-stream",
    category: "pornography",
    severity: "severe",
    review: "flagged",
    traceparent,
  });
  await vi.waitFor(
    () => {
      const text = traces.filter((each) => each.includes(traceId)).join();
      for (const stage of ["fetch", "preprocess", "infer", "postprocess"]) expect(text).toContain(`briareus ${stage}`);
    },
    { timeout: patienceMs },
  );
  await subscription.close();
});

test("two ingress processes share the captures: one verdict each, and either may leave", async () => {
  const second = spawn(process.execPath, ["src/cli/main.ts", "ingress"], {
    env: { ...process.env, ...system.local.environment, REDIS_URL: system.redis.url, BRIAREUS_LOG_LEVEL: "warn" },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(second, "message");
  const captures = await system.publish(120);
  const gone = once(second, "exit");
  second.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
  await system.untilVerdicts(captures, patienceMs);
  for (const captureId of captures) expect(system.verdicts.get(captureId)).toHaveLength(1);
});
