import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../../src/local/free-port.ts";
import { ensureTopics } from "../../src/producer/ingress/subscription.ts";
import { type Program, startProgram } from "./program.ts";

/** What a stage's worker needs around it. */
export interface Surroundings extends AsyncDisposable {
  environment: NodeJS.ProcessEnv;
  modelServer: Program;
}

/** Starts the emulator of Pub/Sub and the model server, with folders for the blobs and the evidence. */
export async function startSurroundings(options: {
  checkout: string;
  redisUrl: string;
  repository: string;
}): Promise<Surroundings> {
  const { checkout } = options;
  await using starting = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "briareus-bench-"));
  starting.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [pubsubPort, modelPort] = [String(await freePort()), String(await freePort())];
  const environment = {
    REDIS_URL: options.redisUrl,
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${pubsubPort}`,
    METADATA_SERVER_DETECTION: "none",
    BRIAREUS_MODEL_SERVER: `127.0.0.1:${modelPort}`,
    BRIAREUS_BLOBS: `file://${folder}/blobs`,
    BRIAREUS_EVIDENCE: `file://${folder}/evidence`,
    BRIAREUS_FETCH_ALLOW: "127.0.0.1/32",
    BRIAREUS_LOG_LEVEL: "warn",
  };
  const serve = ["model-server", "--repository", resolve(options.repository), "--metrics-port", "0"];
  starting.use(await startProgram(checkout, ["pubsub-emulator", "--port", pubsubPort], environment));
  const modelServer = starting.use(await startProgram(checkout, [...serve, "--port", modelPort], environment));
  await createTopics(environment.PUBSUB_EMULATOR_HOST);
  const running = starting.move();
  return { environment, modelServer, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function createTopics(emulator: string): Promise<void> {
  process.env.PUBSUB_EMULATOR_HOST = emulator;
  await ensureTopics({
    project: "briareus",
    capturesTopic: "captures",
    capturesSubscription: "captures-ingress",
    verdictsTopic: "verdicts",
  });
  delete process.env.PUBSUB_EMULATOR_HOST;
}
