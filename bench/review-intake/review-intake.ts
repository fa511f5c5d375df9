/** Flagged verdicts at a steady rate through the emulator into a real Postgres, all on this machine. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PubSub } from "@google-cloud/pubsub";
import { freePort } from "../../src/local/free-port.ts";
import { quantile } from "../../src/pipeline/stage-meter.ts";
import { storeVerdicts } from "../../src/review/intake/store-verdicts.ts";
import { startPostgresServer } from "../../test/services.ts";
import { until } from "../../test/system.ts";
import { descendants, processFigures } from "../process-figures.ts";
import { reviewContext } from "./context.ts";
import { flaggedVerdict } from "./flagged-verdicts.ts";

export interface ReviewIntakeResult {
  offeredPerSecond: number;
  published: number;
  publishedPerSecond: number;
  /** From publication to the commit. */
  behindMs: { p50: number; p99: number; max: number };
  /** The worst of each second. */
  worstMsBySecond: number[];
  rssMiBBySecond: number[];
  incidents: number;
  frames: number;
  cpuMsPerVerdict: { intake: number; postgres: number; emulator: number; publisher: number };
}

interface Report {
  behindMs: number[];
  rssMiB: number;
}

const topic = "verdicts";
const subscription = "verdicts-review";
/** As the image and `briareus up` run it. */
const leanNode = ["--max-semi-space-size=2"];

export async function benchReviewIntake(options: { rate: number; seconds: number }): Promise<ReviewIntakeResult> {
  await using postgres = await startPostgresServer();
  const address = `127.0.0.1:${await freePort()}`;
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const emulator = spawn(process.execPath, [main, "pubsub-emulator", "--port", address.split(":")[1] ?? ""], {
    stdio: "ignore",
  });
  Object.assign(process.env, { PUBSUB_EMULATOR_HOST: address, METADATA_SERVER_DETECTION: "none" });
  const intake = fork(new URL("intake-process.ts", import.meta.url), [postgres.url, topic, subscription], {
    execArgv: leanNode,
  });
  try {
    return await measure({ emulator, intake, url: postgres.url }, options);
  } finally {
    for (const child of [emulator, intake]) await end(child);
    delete process.env.PUBSUB_EMULATOR_HOST;
  }
}

async function measure(
  { emulator, intake, url }: { emulator: ChildProcess; intake: ChildProcess; url: string },
  { rate, seconds }: { rate: number; seconds: number },
): Promise<ReviewIntakeResult> {
  const context = await reviewContext(url);
  const pubsub = new PubSub({ projectId: "bench" });
  await until(
    async () => (await pubsub.subscription(subscription).exists())[0],
    60_000,
    () => "intake never made its subscription",
  );
  const reports: Report[] = [];
  intake.on("message", (report: Report) => reports.push(report));
  const publisher = fork(new URL("publisher.ts", import.meta.url), [topic, String(rate), String(seconds)]);
  const cpu = () => ({
    intake: cpuMs(intake.pid),
    postgres: postgresCpuMs(),
    emulator: cpuMs(emulator.pid),
    publisher: cpuMs(publisher.pid),
  });
  const before = cpu();
  const [{ published, seconds: took }] = await once(publisher, "message");
  const stored = () => reports.reduce((sum, { behindMs }) => sum + behindMs.length, 0);
  await until(
    () => stored() >= published,
    300_000,
    () => `${stored()} of ${published} stored`,
  );
  const after = cpu();
  await end(publisher);
  const { incidents, frames } = await context.db
    .selectNoFrom((select) => [
      select.selectFrom("incidents").select(select.fn.countAll<number>().as("n")).as("incidents"),
      select.selectFrom("frames").select(select.fn.countAll<number>().as("n")).as("frames"),
    ])
    .executeTakeFirstOrThrow();
  await context.db.destroy();
  await pubsub.close();

  const behind = reports.flatMap(({ behindMs }) => behindMs).toSorted((a, b) => a - b);
  const perVerdict = (name: keyof typeof before) => (after[name] - before[name]) / published;
  return {
    offeredPerSecond: rate,
    published,
    publishedPerSecond: published / took,
    behindMs: { p50: quantile(behind, 0.5), p99: quantile(behind, 0.99), max: behind.at(-1) ?? 0 },
    worstMsBySecond: reports.map(({ behindMs }) => Math.round(Math.max(0, ...behindMs))),
    rssMiBBySecond: reports.map(({ rssMiB }) => Math.round(rssMiB)),
    incidents: incidents ?? 0,
    frames: frames ?? 0,
    cpuMsPerVerdict: {
      intake: perVerdict("intake"),
      postgres: perVerdict("postgres"),
      emulator: perVerdict("emulator"),
      publisher: perVerdict("publisher"),
    },
  };
}

/** `storeVerdicts` alone, batches of 500 from memory one after the other: what Postgres and this code can take. */
export async function benchStoring(verdicts: number): Promise<{ storedPerSecond: number }> {
  await using postgres = await startPostgresServer();
  const context = await reviewContext(postgres.url);
  const startedAtMs = performance.now();
  for (let start = 0; start < verdicts; start += 500) {
    const batch = Array.from({ length: 500 }, (_, index) => flaggedVerdict(start + index, Date.now()));
    await storeVerdicts(context, batch);
  }
  const storedPerSecond = (verdicts * 1_000) / (performance.now() - startedAtMs);
  await context.db.destroy();
  return { storedPerSecond };
}

const cpuMs = (pid: number | undefined) => (pid === undefined ? 0 : processFigures(pid).cpuMs);

/** Of the server and its backends that live now: the pools' connections live as long as the run. */
function postgresCpuMs(): number {
  return descendants(process.pid)
    .filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres")
    .reduce((sum, pid) => sum + processFigures(pid).cpuMs, 0);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
