/** `briareus review` as a process: it outlives its database, tells how it is, and ends in order. */
import { once } from "node:events";
import { PubSub } from "@google-cloud/pubsub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { type PubSubEmulator, startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { ensureTopics } from "../../src/producer/ingress/subscription.ts";
import { runCommand, startCommand } from "../command.ts";
import { flagged } from "../review.ts";
import { startPostgres, startPostgresServer } from "../services.ts";
import { until } from "../system.ts";

let emulator: PubSubEmulator;
let pubsub: PubSub;
const project = "briareus";
beforeAll(async () => {
  emulator = await startPubSubEmulator({ port: 0 });
  process.env.PUBSUB_EMULATOR_HOST = emulator.address;
  process.env.METADATA_SERVER_DETECTION = "none";
  const names = { capturesTopic: "captures", capturesSubscription: "captures-in", verdictsTopic: "verdicts" };
  await ensureTopics({ project, ...names, decisionsTopic: "decisions" });
  pubsub = new PubSub({ projectId: project });
});
afterAll(async () => {
  await pubsub.close();
  await emulator.stop();
});

const environment = (url: string) => ({
  DATABASE_URL: url,
  PUBSUB_EMULATOR_HOST: emulator.address,
  BRIAREUS_DATA: "/nonexistent/briareus",
});

async function startProcess(databaseUrl: string, env: Record<string, string> = {}) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const command = startCommand(["review", "--port", String(port)], {
    ...environment(databaseUrl),
    BRIAREUS_METRICS_PORT: String(metricsPort),
    ...env,
  });
  const answers = (address: string, status: number) =>
    until(
      () =>
        fetch(address).then(
          (answer) => answer.status === status,
          () => false,
        ),
      30_000,
      () => `${address} never answered ${status}`,
    );
  await answers(`${url}/livez`, 200);
  return { ...command, url, health: `http://127.0.0.1:${metricsPort}/readyz`, answers };
}

const json = { "content-type": "application/json" };

async function signIn(url: string): Promise<Record<string, string>> {
  const answer = await fetch(`${url}/auth/local`, { method: "POST", headers: json, body: '{"role":"lead"}' });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const me = await (await fetch(`${url}/v1/me`, { headers: { cookie } })).text();
  return { cookie, "x-csrf-token": JSON.parse(me).csrf };
}

test("a database that comes late, is killed and comes back: requests are refused meanwhile, and nothing is lost", async () => {
  await using database = await startPostgresServer({ fsync: "off" });
  await database.kill();
  const service = await startProcess(database.url);
  expect((await fetch(`${service.url}/v1/me`, { headers: { cookie: "briareus_session=x" } })).status).toBe(503);
  await service.answers(service.health, 503);

  await database.restart();
  await service.answers(service.health, 200);
  const headers = await signIn(service.url);
  const verdict = JSON.stringify(flagged("stream-1", "capture-1"));
  const attributes = { review: "flagged", verdict: "flagged", captureId: "capture-1", streamId: "stream-1" };
  await pubsub.topic("verdicts").publishMessage({ data: Buffer.from(verdict), attributes });
  const total = async () => {
    const answer = await fetch(`${service.url}/v1/incidents`, { headers });
    return answer.status === 200 ? JSON.parse(await answer.text()).total : undefined;
  };
  await until(
    async () => (await total()) === 1,
    20_000,
    () => "the incident never came",
  );

  await database.kill();
  const refused = await fetch(`${service.url}/v1/incidents`, { headers });
  expect([refused.status, JSON.parse(await refused.text()).code]).toEqual([503, "unavailable"]);
  await service.answers(service.health, 503);
  await database.restart();
  await service.answers(service.health, 200);
  expect(await total()).toBe(1);

  const events = await fetch(`${service.url}/v1/events`, { headers });
  const stream = events.text();
  service.child.kill("SIGTERM");
  expect((await service.result).code).toBe(0);
  expect(await stream).toContain("retry:");
}, 120_000);

describe("on a database of its own", () => {
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let service: Awaited<ReturnType<typeof startProcess>>;
  beforeAll(async () => {
    database = await startPostgres();
    service = await startProcess(database.url);
    await service.answers(service.health, 200);
  });
  afterAll(async () => {
    service.child.kill("SIGTERM");
    await service.result;
    await database.stop();
  });

  test("a key made on the command line publishes captures, which Pub/Sub has when the answer comes", async () => {
    const made = await runCommand(
      ["review-key", "--name", "encoders", "--scopes", "ingest"],
      environment(database.url),
    );
    expect(made.output).toMatch(/^brk_[\w-]{43}\n$/);
    const [subscription] = await pubsub.topic("captures").createSubscription(`test-${Date.now()}`);
    const message = once(subscription, "message");
    const capture = {
      captureId: "over-http",
      streamId: "s",
      capturedAt: "2026-03-01T12:00:00Z",
      imageUri: "https://pictures.example/1.jpg",
    };
    const answer = await fetch(`${service.url}/v1/captures`, {
      method: "POST",
      headers: { ...json, authorization: `Bearer ${made.output.trim()}` },
      body: JSON.stringify(capture),
    });
    expect([answer.status, await answer.text()]).toEqual([202, '{"captureIds":["over-http"]}']);
    const [{ data, attributes }] = await message;
    expect(JSON.parse(data.toString())).toMatchObject(capture);
    expect(attributes).toMatchObject({ captureId: "over-http", streamId: "s" });
    await subscription.close();
  });

  test("a key with a scope that does not exist is not made", async () => {
    const made = await runCommand(["review-key", "--name", "x", "--scopes", "read,fly"], environment(database.url));
    expect([made.code, made.output]).toEqual([2, ""]);
    expect(made.errors).toContain('"fly" is none of ops, ingest, read, export, restricted');
  });

  test("a port that is taken ends the process with a sentence", async () => {
    const { port } = new URL(service.url);
    const second = await runCommand(["review", "--port", port], environment(database.url));
    expect([second.code, second.errors.includes("EADDRINUSE")]).toEqual([1, true]);
  });

  test("settings that would let nobody sign in, or passwords travel in the open, are refused", async () => {
    const refused = async (env: Record<string, string>) => {
      const { code, errors } = await runCommand(["review", "--port", "0"], { ...environment(database.url), ...env });
      return [code, errors] as const;
    };
    const issuer = { BRIAREUS_OIDC_ISSUER: "https://accounts.example" };
    expect(await refused(issuer)).toEqual([2, expect.stringContaining("BRIAREUS_OIDC_ROLES is empty")]);
    const http = { BRIAREUS_REVIEW_URL: "http://review.example" };
    expect(await refused(http)).toEqual([2, expect.stringContaining("must begin with https://")]);
    const roles = { ...issuer, BRIAREUS_OIDC_ROLES: "mods=boss" };
    expect(await refused(roles)).toEqual([2, expect.stringContaining("BRIAREUS_OIDC_ROLES")]);
  });
});
