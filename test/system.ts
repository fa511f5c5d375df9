/**
 * The whole system as tests use it: the real processes of `briareus up` on a Redis of the test's own, pictures on
 * an HTTP server of the test's own, and the verdicts as a subscriber sees them.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PubSub } from "@google-cloud/pubsub";
import { Verdict } from "../src/capture/verdict.ts";
import { loadSettings } from "../src/config/settings.ts";
import { samplePicture } from "../src/local/sample-streams/pictures.ts";
import { type LocalSystem, startLocalSystem } from "../src/local/system.ts";
import { ensureDemoModel } from "../src/model-server/demo-model/ensure-demo-model.ts";
import type { StageName } from "../src/pipeline/stages.ts";
import { ensureTopics } from "../src/producer/ingress/subscription.ts";
import { type RedisService, startRedis } from "./services.ts";

export interface SystemOptions {
  env?: Record<string, string>;
  pools?: Partial<Record<StageName, number>>;
  workerPrograms?: Partial<Record<StageName, string>>;
  /** With an embedded Postgres, as `briareus up` has it; a second more to start. */
  review?: boolean;
  /** A real Triton in the place of our model server. */
  triton?: boolean;
  /** Where processes connect, instead of straight to Redis (a proxy, say). */
  redisUrl?: (redis: RedisService) => Promise<string>;
  /** Answers picture requests; absent: a room. */
  pictures?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface System {
  local: LocalSystem;
  redis: RedisService;
  pubsub: PubSub;
  pictureAddress: string;
  /** Publishes captures of distinct pictures; gives their ids. */
  publish(count: number, options?: { path?: (index: number) => string; prefix?: string }): Promise<string[]>;
  publishRaw(data: Buffer, attributes?: Record<string, string>): Promise<string>;
  /** All verdicts by capture, in the order in which they came. */
  verdicts: ReadonlyMap<string, Verdict[]>;
  /** Resolves when each of the captures has a verdict. @throws Error naming those that have none in time */
  untilVerdicts(captureIds: readonly string[], withinMs: number): Promise<Verdict[]>;
  /** Resolves when that many verdicts have come. */
  untilCount(count: number, withinMs: number): Promise<void>;
  pid(process: string): number;
  restartsOf(process: string): number;
  [Symbol.asyncDispose](): Promise<void>;
}

const room = samplePicture("room", 1);

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const cleanups: (() => unknown)[] = [];
  const data = mkdtempSync(join(tmpdir(), "briareus-test-"));
  cleanups.unshift(() => rmSync(data, { recursive: true, force: true }));
  chmodSync(data, 0o755); // Started by root, Postgres runs under an account that must get there.
  await ensureDemoModel(resolve(".briareus/models"));
  symlinkSync(resolve(".briareus/models"), join(data, "models"));
  process.env.BRIAREUS_DATA = data;
  process.env.METADATA_SERVER_DETECTION = "none";

  const redis = await startRedis();
  cleanups.unshift(() => redis.stop());
  const pictures = await servePictures(options.pictures);
  cleanups.unshift(pictures.close);
  delete process.env.PUBSUB_EMULATOR_HOST; // An earlier system's, which is gone.
  // A developer's own database is not for tests.
  const env = {
    ...process.env,
    DATABASE_URL: "",
    REDIS_URL: (await options.redisUrl?.(redis)) ?? redis.url,
    ...options.env,
  };
  const problems: string[] = [];
  const local = await startLocalSystem(env, {
    pools: options.pools,
    workerPrograms: options.workerPrograms,
    review: options.review,
    triton: options.triton,
    watch: { restarted: () => undefined, hopeless: (name, how) => problems.push(`${name} cannot start: ${how}`) },
  });
  cleanups.unshift(() => local.stop());
  const settings = loadSettings({ ...env, ...local.environment });
  process.env.PUBSUB_EMULATOR_HOST = settings.pubsub.emulatorHost;
  const pubsub = new PubSub({ projectId: settings.pubsub.project });
  cleanups.unshift(() => pubsub.close());
  await until(
    () =>
      ensureTopics(settings.pubsub).then(
        () => true,
        () => false,
      ),
    20_000,
    () => `Pub/Sub never answered; ${problems}`,
  );

  const [subscription] = await pubsub.createSubscription(settings.pubsub.verdictsTopic, `test-${randomUUID()}`);
  cleanups.unshift(() => subscription.close());
  const verdicts = new Map<string, Verdict[]>();
  let count = 0;
  subscription.on("message", (message) => {
    const verdict = Verdict.parse(JSON.parse(message.data.toString()));
    verdicts.set(verdict.captureId, [...(verdicts.get(verdict.captureId) ?? []), verdict]);
    count += 1;
    message.ack();
  });
  subscription.on("error", () => undefined);

  const topic = pubsub.topic(settings.pubsub.capturesTopic);
  const find = (name: string) => {
    const found = local.processes.find((each) => each.name === name);
    if (!found) throw new Error(`there is no process ${name}`);
    return found;
  };
  const publishRaw = (json: Buffer, attributes = {}) => topic.publishMessage({ data: json, attributes });
  return {
    local,
    redis,
    pubsub,
    pictureAddress: pictures.address,
    verdicts,
    publishRaw,
    async publish(number, { path = (index: number) => `/${index}.jpg`, prefix = randomUUID().slice(0, 8) } = {}) {
      const captures = Array.from({ length: number }, (_, index) => ({
        captureId: `${prefix}-${index}`,
        streamId: `stream-${index % 4}`,
        capturedAt: new Date().toISOString(),
        imageUri: `http://${pictures.address}${path(index)}`,
      }));
      await Promise.all(captures.map((capture) => publishRaw(Buffer.from(JSON.stringify(capture)))));
      return captures.map(({ captureId }) => captureId);
    },
    async untilVerdicts(captureIds, withinMs) {
      const missing = () => captureIds.filter((captureId) => !verdicts.has(captureId));
      await until(
        () => missing().length === 0,
        withinMs,
        () => `no verdict of ${missing().length}: ${missing().slice(0, 5)}; ${problems}`,
      );
      return captureIds.flatMap((captureId) => verdicts.get(captureId)?.[0] ?? []);
    },
    untilCount: (wanted, withinMs) =>
      until(
        () => count >= wanted,
        withinMs,
        () => `${count} of ${wanted} verdicts; ${problems}`,
      ),
    pid(name) {
      const pid = find(name).pid();
      if (!pid) throw new Error(`${name} does not run`);
      return pid;
    },
    restartsOf: (name) => find(name).restarts(),
    async [Symbol.asyncDispose]() {
      for (const cleanUp of cleanups) await cleanUp();
    },
  };
}

/** Asks again and again until the answer is true. @throws Error with the given words when time is over */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  words: () => string,
): Promise<void> {
  const limitMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > limitMs) throw new Error(`waited ${withinMs} ms: ${words()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function servePictures(answer: SystemOptions["pictures"]) {
  const server = createServer(async (request, response) => {
    if (answer?.(request, response)) return;
    response.writeHead(200, { "content-type": "image/jpeg" }).end(await room);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the picture server has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
