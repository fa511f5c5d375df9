import { fork } from "node:child_process";
import { once } from "node:events";
import { PubSub } from "@google-cloud/pubsub";
import { Verdict } from "../../src/capture/verdict.ts";
import { loadSettings } from "../../src/config/settings.ts";
import { type LocalSystem, startLocalSystem } from "../../src/local/system.ts";
import { quantile } from "../../src/pipeline/stage-meter.ts";
import { ensureTopics } from "../../src/producer/ingress/subscription.ts";
import { until } from "../../test/system.ts";
import { descendants, type ProcessFigures, processFigures } from "../process-figures.ts";

export interface EndToEndResult {
  offeredPerSecond: number;
  capturesPerSecond: number;
  /** From publication to the verdict's arrival at a subscriber. */
  latencyMs: { p50: number; p95: number; p99: number };
  /** Of ingress, pools, Redis and model server together. */
  cpuMsPerCapture: number;
  processes: Record<string, { cpuMsPerCapture: number; peakMiB: number }>;
  doubled: number;
}

/** What belongs to the outside world: reported, but not the system's own cost. */
const outside = new Set(["publisher", "pubsub-emulator"]);

/** Captures at a steady rate through the whole local system with the real model. */
export async function benchEndToEnd(options: { rate: number; seconds: number }): Promise<EndToEndResult> {
  const local = await startLocalSystem(
    { ...process.env, BRIAREUS_DEADLINE_MS: "600000", BRIAREUS_LOG_LEVEL: "warn" },
    {
      watch: { restarted: () => undefined, hopeless: () => undefined },
    },
  );
  Object.assign(process.env, local.environment, { METADATA_SERVER_DETECTION: "none" });
  try {
    return await measure(local, options);
  } finally {
    await local.stop();
    for (const name of Object.keys(local.environment)) delete process.env[name];
  }
}

async function measure(
  local: LocalSystem,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<EndToEndResult> {
  const { pubsub: names } = loadSettings(process.env);
  const pubsub = new PubSub({ projectId: names.project });
  await until(
    () =>
      ensureTopics(names).then(
        () => true,
        () => false,
      ),
    30_000,
    () => "Pub/Sub never answered",
  );
  const [subscription] = await pubsub.createSubscription(names.verdictsTopic, "bench");
  const arrivals: { captureId: string; atMs: number; latencyMs: number }[] = [];
  subscription.on("message", (message) => {
    message.ack();
    const verdict = Verdict.parse(JSON.parse(message.data.toString()));
    const atMs = Date.now();
    arrivals.push({ captureId: verdict.captureId, atMs, latencyMs: atMs - Date.parse(verdict.capturedAt ?? "") });
  });

  await runPublisher(60, 8, () => arrivals.length); // Everything has started and its hot code is compiled.
  const warm = arrivals.length;
  const before = figures(local);
  const publisher = await runPublisher(rate, seconds, () => arrivals.length - warm);
  const after = figures(local);
  const measured = arrivals.slice(warm);
  await subscription.close();
  await pubsub.close();

  const perCapture = (name: string) => ((after[name]?.cpuMs ?? 0) - (before[name]?.cpuMs ?? 0)) / measured.length;
  const processes = Object.fromEntries(
    Object.keys(after).map((name) => [name, { cpuMsPerCapture: perCapture(name), peakMiB: after[name]?.peakMiB ?? 0 }]),
  );
  processes.publisher = { cpuMsPerCapture: publisher.cpuMs / measured.length, peakMiB: publisher.peakMiB };
  const latencies = measured.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const spanMs = (measured.at(-1)?.atMs ?? 0) - (measured[0]?.atMs ?? 0);
  return {
    offeredPerSecond: rate,
    capturesPerSecond: (measured.length * 1000) / Math.max(1, spanMs),
    latencyMs: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95), p99: quantile(latencies, 0.99) },
    cpuMsPerCapture: Object.entries(processes)
      .filter(([name]) => !outside.has(name))
      .reduce((sum, [, { cpuMsPerCapture }]) => sum + cpuMsPerCapture, 0),
    processes,
    doubled: measured.length - new Set(measured.map(({ captureId }) => captureId)).size,
  };
}

/** Publishes and waits for as many verdicts; gives the publisher's own figures. */
async function runPublisher(rate: number, seconds: number, verdicts: () => number): Promise<ProcessFigures> {
  const child = fork(new URL("publisher.ts", import.meta.url), [String(rate), String(seconds)]);
  const [{ published }] = await once(child, "message");
  await until(
    () => verdicts() >= published,
    300_000,
    () => `${verdicts()} of ${published} verdicts`,
  );
  const own = processFigures(child.pid ?? 0);
  child.disconnect();
  await once(child, "exit");
  return own;
}

function figures(local: LocalSystem): Record<string, ProcessFigures> {
  return Object.fromEntries(
    local.processes.map((process) => {
      const pid = process.pid() ?? 0;
      const all = [pid, ...descendants(pid)].map(processFigures);
      const cpuMs = all.reduce((sum, each) => sum + each.cpuMs, 0);
      return [process.name, { cpuMs, peakMiB: Math.max(...all.map(({ peakMiB }) => peakMiB)) }];
    }),
  );
}
