/**
 * Pulls every plug while captures are under way. In each case every published capture gets its verdict. Doubled
 * verdicts are counted: the fence leaves only the moment between publishing and settling.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { loadSettings } from "../../src/config/settings.ts";
import { freePort } from "../../src/local/free-port.ts";
import { samplePicture } from "../../src/local/sample-streams/pictures.ts";
import { tallyVerdicts } from "../../src/local/verdict-tally.ts";
import { type System, type SystemOptions, startSystem, until } from "../system.ts";
import { startBlackHoleProxy } from "./black-hole-proxy.ts";
import { poison } from "./poisoned-preprocess.ts";

const load = 200;
const patienceMs = 60_000;

vi.setConfig({ testTimeout: 180_000 });

const doubled = (system: System) => [...system.verdicts.values()].filter((verdicts) => verdicts.length > 1).length;
const kinds = (system: System) => new Set([...system.verdicts.values()].flat().map(({ verdict }) => verdict));

/** Starts, publishes, and waits until the pipeline is in the midst of it. */
async function underLoad(options: SystemOptions = {}): Promise<{ system: System; captures: string[] }> {
  const system = await startSystem(options);
  const captures = await system.publish(load);
  await system.untilCount(10, patienceMs);
  return { system, captures };
}

describe("a process is killed mid-load and every capture gets its verdict", () => {
  test.each(["fetch", "preprocess", "infer", "postprocess", "ingress", "model-server"])("%s", async (name) => {
    const { system, captures } = await underLoad();
    await using _ = system;
    process.kill(system.pid(name), "SIGKILL");
    await until(
      () => system.restartsOf(name) === 1,
      10_000,
      () => `${name} was not started again`,
    );
    await system.untilVerdicts(captures, patienceMs);
    expect(kinds(system)).toEqual(new Set(["clean"]));
    // Only a postprocess that dies between publishing and settling repeats verdicts: at most its own batches'.
    expect(doubled(system)).toBeLessThanOrEqual(name === "postprocess" ? 128 : 0);
  });
});

test("Redis is killed and comes back empty: every capture gets its verdict", async () => {
  const { system, captures } = await underLoad();
  await using _ = system;
  await system.redis.restart();
  await system.untilVerdicts(captures, patienceMs);
});

test("Redis connections are black-holed: every capture gets its verdict", async () => {
  let proxy: Awaited<ReturnType<typeof startBlackHoleProxy>> | undefined;
  const { system, captures } = await underLoad({
    async redisUrl({ port }) {
      proxy = await startBlackHoleProxy(port);
      return `redis://127.0.0.1:${proxy.port}`;
    },
  });
  await using _ = system;
  expect(proxy?.swallow()).toBeGreaterThan(5);
  await system.untilVerdicts(captures, patienceMs);
  proxy?.close();
});

test("Redis and the workers stand still for 20 s and go on: every capture gets its verdict", async () => {
  const { system, captures } = await underLoad({ env: { BRIAREUS_DEADLINE_MS: "120000" } });
  await using _ = system;
  const pids = ["fetch", "preprocess", "infer", "postprocess"].map((name) => system.pid(name));
  await system.redis.pause();
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 20_000)); // The standstill is the test.
  await system.redis.resume();
  for (const pid of pids) process.kill(pid, "SIGCONT");
  await system.untilVerdicts(captures, 2 * patienceMs);
});

test("the model server is away for longer than attempts and back-off: captures wait and lose no attempt", async () => {
  const { system, captures } = await underLoad({ env: { BRIAREUS_DEADLINE_MS: "120000" } });
  await using _ = system;
  process.kill(system.pid("model-server"), "SIGSTOP");
  const more = await system.publish(32, { prefix: "during" });
  await new Promise((resolve) => setTimeout(resolve, 20_000)); // The outage is the test.
  process.kill(system.pid("model-server"), "SIGCONT");
  const verdicts = await system.untilVerdicts([...captures, ...more], 2 * patienceMs);
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["clean"]));
});

test("nothing listens at the model server's address for longer than attempts and back-off: captures wait for it", async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const startModelServer = () =>
    spawn(
      process.execPath,
      [
        "src/cli/main.ts",
        "model-server",
        "--repository",
        ".briareus/models",
        "--port",
        address.split(":")[1] ?? "",
        "--metrics-port",
        "0",
      ],
      { stdio: ["ignore", "ignore", "ignore", "ipc"] },
    );
  let server = startModelServer();
  await using system = await startSystem({ env: { BRIAREUS_DEADLINE_MS: "120000", BRIAREUS_MODEL_SERVER: address } });
  await system.untilVerdicts(await system.publish(8, { prefix: "before" }), patienceMs);
  const gone = once(server, "exit");
  server.kill("SIGKILL");
  await gone;
  const captures = await system.publish(64);
  await new Promise((resolve) => setTimeout(resolve, 20_000)); // The outage is the test.
  expect(captures.filter((captureId) => system.verdicts.has(captureId))).toEqual([]);
  server = startModelServer();
  const verdicts = await system.untilVerdicts(captures, patienceMs);
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["clean"]));
  server.kill("SIGKILL");
});

test("an outage of the model server beyond the deadline ends in expired verdicts, not in lost captures", async () => {
  await using system = await startSystem({ env: { BRIAREUS_DEADLINE_MS: "3000", BRIAREUS_GRACE_MS: "60000" } });
  await system.untilVerdicts(await system.publish(8, { prefix: "before" }), patienceMs);
  process.kill(system.pid("model-server"), "SIGSTOP");
  const captures = await system.publish(32);
  const verdicts = await system.untilVerdicts(captures, patienceMs);
  expect(new Set(verdicts.map(({ verdict, reason }) => `${verdict} ${reason}`))).toEqual(
    new Set(["expired deadline-exceeded"]),
  );
  process.kill(system.pid("model-server"), "SIGCONT");
});

test("messages that are duplicated and out of order give one verdict per capture", async () => {
  await using system = await startSystem();
  const captures = Array.from({ length: 100 }, (_, index) => ({
    captureId: `twin-${index}`,
    streamId: "s",
    capturedAt: new Date(Date.now() - index * 10).toISOString(),
    imageUri: `http://${system.pictureAddress}/${index}.jpg`,
  }));
  const messages = [...captures, ...captures.toReversed(), ...captures];
  await Promise.all(messages.map((capture) => system.publishRaw(Buffer.from(JSON.stringify(capture)))));
  await system.untilVerdicts(
    captures.map(({ captureId }) => captureId),
    patienceMs,
  );
  // A repeated one would come within a redelivery; the last message settled says that all have been looked at.
  await system.untilVerdicts(await system.publish(1, { prefix: "after" }), patienceMs);
  expect(doubled(system)).toBe(0);
});

test("two poisoned pictures in one batch are blamed for killing preprocess, and their neighbours go on", async () => {
  const room = await samplePicture("room", 1);
  const poisoned = new Set(["/3.jpg", "/11.jpg"]);
  await using system = await startSystem({
    workerPrograms: { preprocess: new URL("poisoned-preprocess.ts", import.meta.url).pathname },
    pictures: (request, response) => {
      if (!poisoned.has(request.url ?? "")) return false;
      response.writeHead(200, { "content-type": "image/jpeg" }).end(Buffer.concat([room, poison]));
      return true;
    },
  });
  const captures = await system.publish(16);
  const verdicts = await system.untilVerdicts(captures, 2 * patienceMs);
  const blamed = verdicts.filter(({ verdict }) => verdict !== "clean");
  expect(blamed.map(({ captureId, reason }) => `${captureId.split("-").at(-1)} ${reason}`).sort()).toEqual([
    "11 worker-crash",
    "3 worker-crash",
  ]);
});

test("a publisher that floods at 20 times the capacity: memory stays bounded and every capture gets its verdict", async () => {
  const deadlineMs = 4_000;
  await using system = await startSystem({
    env: { BRIAREUS_DEADLINE_MS: String(deadlineMs), BRIAREUS_MAX_HELD: "500" },
  });
  await system.untilVerdicts(await system.publish(8, { prefix: "before" }), patienceMs);
  // Far beyond what two cores score in their lifetime: most must leave as expired, and quickly.
  const captures = (await Promise.all(Array.from({ length: 10 }, () => system.publish(600)))).flat();
  const peaks = new Map<string, number>();
  const watch = setInterval(() => {
    for (const { name, pid } of system.local.processes)
      peaks.set(name, Math.max(peaks.get(name) ?? 0, residentMiB(pid())));
  }, 250);
  const verdicts = await system.untilVerdicts(captures, 2 * patienceMs);
  clearInterval(watch);
  expect(verdicts.filter(({ verdict }) => verdict === "expired").length).toBeGreaterThan(captures.length / 2);
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["clean", "expired"]));
  expect(peaks.size).toBe(system.local.processes.length);
  for (const [name, peakMiB] of peaks)
    expect(peakMiB, `${name} in MiB`).toBeLessThan(name === "model-server" ? 600 : 300);
});

test("the Pub/Sub emulator is killed: what it held is gone with it, and the system serves its successor by itself", async () => {
  await using system = await startSystem();
  await system.untilVerdicts(await system.publish(8, { prefix: "before" }), patienceMs);
  const { pubsub } = loadSettings({ ...process.env, ...system.local.environment });
  const tally = await tallyVerdicts(pubsub);
  process.kill(system.pid("pubsub-emulator"), "SIGKILL");
  // Ingress finds its subscription gone and ends; its successor makes topics and subscription anew.
  const ingressHasReturned = () => system.restartsOf("ingress") > 0;
  await until(ingressHasReturned, patienceMs, () => "ingress goes on without a subscription");
  // Until the subscriptions stand again, topics that nobody listens to swallow what is published.
  const verdictComes = async () => {
    await system.publish(1).catch(() => undefined);
    return tally.distinct() > 0;
  };
  await until(verdictComes, patienceMs, () => "no verdict comes any more");
  await tally.close();
});

/** What a process and its children have resident now, in MiB. */
function residentMiB(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const lines = execFileSync("ps", ["-o", "rss=", "-p", String(pid), "--ppid", String(pid)], { encoding: "utf8" });
  return lines.split("\n").reduce((sum, line) => sum + Number(line), 0) / 1024;
}
