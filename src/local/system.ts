/**
 * The whole system on one machine: an embedded part for each thing that is not configured, and one process per
 * pool. Everything speaks the protocols of production; only the addresses differ.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StageName } from "../pipeline/stages.ts";
import { dataFolder } from "./data-folder.ts";
import { freePort } from "./free-port.ts";
import { LocalSystemError } from "./local-system-error.ts";
import { planModelServing } from "./model-serving.ts";
import { prepareEmbeddedPostgres } from "./postgres/embedded-postgres.ts";
import { redisProgram } from "./redis-program.ts";
import { announceSystem } from "./running-system.ts";
import { type ProcessPlan, type SupervisedProcess, superviseProcess, type Watch } from "./supervised-process.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";

export interface LocalSystem {
  /** What a process needs to take part: the addresses of everything. */
  environment: Record<string, string>;
  /** All that run now. */
  readonly processes: readonly SupervisedProcess[];
  pools: Record<StageName, WorkerPool>;
  logFolder: string;
  /** Stops all in the order in which nothing is lost, and leaves no process or temporary file. */
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
/**
 * Keeps processes that handle large buffers small and quick. A limit on the old space instead
 * tripled the CPU time of downloads when it was measured.
 */
const leanNode = ["--max-semi-space-size=2", "--external-memory-accounted-in-global-limit"];
/** glibc's malloc keeps what ONNX Runtime frees; so it gives part of it back. */
const leanAllocator = { MALLOC_TRIM_THRESHOLD_: "131072" };
const stopMs = 15_000;
/** What people remember; another one while something else has it. */
const reviewPort = 8080;

/**
 * Starts what is missing. Workers wait by themselves for what they need, so nothing here waits for anything.
 * @param env what is set is used, not embedded
 * @throws LocalSystemError
 */
export async function startLocalSystem(
  env: NodeJS.ProcessEnv,
  options: {
    watch: Watch;
    /** Worker processes per pool, 1 unless said. */
    pools?: Partial<Record<StageName, number>>;
    /** With the review process, and the database that reviews are kept in. */
    review?: boolean;
    /** A real Triton in the place of our model server. */
    triton?: boolean;
    /** Another program in the place of `briareus worker STAGE`. */
    workerPrograms?: Partial<Record<StageName, string>>;
  },
): Promise<LocalSystem> {
  const logFolder = join(dataFolder(), "logs");
  mkdirSync(logFolder, { recursive: true });
  const scratch = makeScratchFolder(join(dataFolder(), "run"));
  const embedded = await embeddedParts(env, scratch, options);
  const environment = { ...embedded.environment };
  const childEnv = { ...env, ...environment };

  const start = (plan: Omit<ProcessPlan, "logFile">) =>
    superviseProcess(
      { ...plan, env: { ...plan.env, ...childEnv }, logFile: join(logFolder, `${plan.name}.log`) },
      options.watch,
    );
  const command = (name: string, args: string[], program = main): SupervisedProcess =>
    start({ name, program: process.execPath, args: [...leanNode, program, ...args], channel: true });

  const services = embedded.plans.map(start);
  const pool = (stage: StageName): WorkerPool => {
    const workers = createWorkerPool(
      stage,
      (name) => command(name, ["worker", stage], options.workerPrograms?.[stage]),
      stopMs,
    );
    workers.setSize(options.pools?.[stage] ?? 1);
    return workers;
  };
  const pools = {
    fetch: pool("fetch"),
    preprocess: pool("preprocess"),
    infer: pool("infer"),
    postprocess: pool("postprocess"),
  };
  const workers = () => Object.values(pools).flatMap((each) => each.processes());
  const ingress = command("ingress", ["ingress"]);
  const review = options.review ? [command("review", ["review"])] : [];
  const forget = announceSystem(environment);

  return {
    environment,
    get processes() {
      return [...services, ingress, ...workers(), ...review];
    },
    pools,
    logFolder,
    async stop() {
      await ingress.stop(stopMs);
      await Promise.all([
        ...Object.values(pools).map((each) => each.stop()),
        ...review.map((each) => each.stop(stopMs)),
      ]);
      await Promise.all(services.map((service) => service.stop(stopMs)));
      embedded.release();
      rmSync(scratch, { recursive: true, force: true });
      forget();
    },
  };
}

/** A folder for what must not outlive this process; those of processes that were killed are removed. */
function makeScratchFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!isRunning(Number(name))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const own = join(parent, String(process.pid));
  mkdirSync(own, { recursive: true });
  return own;
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

interface Embedded {
  environment: Record<string, string>;
  plans: Omit<ProcessPlan, "logFile">[];
  /** Call it when all of them have ended. */
  release(): void;
}

async function embeddedParts(
  env: NodeJS.ProcessEnv,
  scratch: string,
  options: { review?: boolean; triton?: boolean },
): Promise<Embedded> {
  const environment: Record<string, string> = {};
  const plans: Embedded["plans"] = [];
  const own = (name: string, args: string[], own?: NodeJS.ProcessEnv) =>
    plans.push({ name, program: process.execPath, args, env: own, channel: true });

  if (!env.REDIS_URL) {
    const port = await freePort();
    const redis = redisProgram(port);
    if (!redis) {
      throw new LocalSystemError(
        "there is no Redis: install redis-server (apt-get install redis-server), start Docker, or set REDIS_URL to one that runs",
      );
    }
    environment.REDIS_URL = `redis://127.0.0.1:${port}`;
    plans.push({ name: "redis", ...redis, channel: false });
  }
  if (!env.PUBSUB_EMULATOR_HOST && !env.GOOGLE_CLOUD_PROJECT) {
    const port = await freePort();
    environment.PUBSUB_EMULATOR_HOST = `127.0.0.1:${port}`;
    own("pubsub-emulator", [...leanNode, main, "pubsub-emulator", "--port", String(port)]);
  }
  const models = await planModelServing(env, options.triton);
  environment.BRIAREUS_MODEL_SERVER = models.address;
  if (models.command === "triton") own("triton", [main, "triton", ...models.args]);
  if (models.command === "model-server") own("model-server", [main, "model-server", ...models.args], leanAllocator);
  if (!env.BRIAREUS_BLOBS) environment.BRIAREUS_BLOBS = `file://${join(scratch, "blobs")}`;
  if (!env.BRIAREUS_EVIDENCE) environment.BRIAREUS_EVIDENCE = `file://${join(dataFolder(), "evidence")}`;
  // Demo streams and `briareus publish` serve their pictures from this machine.
  if (!env.BRIAREUS_FETCH_ALLOW) environment.BRIAREUS_FETCH_ALLOW = "127.0.0.0/8,::1/128,localhost";
  if (options.review && !env.BRIAREUS_REVIEW_URL) {
    const asked = Number(env.BRIAREUS_REVIEW_PORT || Number.NaN);
    const port = asked || (await freePort(asked === 0 ? undefined : reviewPort));
    environment.BRIAREUS_REVIEW_PORT = String(port);
    environment.BRIAREUS_REVIEW_URL = `http://127.0.0.1:${port}`;
  }
  // Last, since it is released only by a system that has come to be.
  const postgres =
    options.review && !env.DATABASE_URL ? await prepareEmbeddedPostgres(dataFolder(), await freePort()) : undefined;
  if (postgres) {
    const { url, program, args, account } = postgres;
    environment.DATABASE_URL = url;
    plans.push({ name: "postgres", program, args, account, channel: false });
  }
  return { environment, plans, release: () => postgres?.release() };
}
