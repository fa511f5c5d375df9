import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSettings } from "../../../src/config/settings.ts";
import { freePort } from "../../../src/local/free-port.ts";
import { startLocalSystem } from "../../../src/local/system.ts";
import { startTriton, type Triton } from "../../../src/models/triton/start-triton.ts";
import type { StageName } from "../../../src/pipeline/stages.ts";
import { ensureTopics } from "../../../src/producer/ingress/subscription.ts";
import { until } from "../../../test/system.ts";
import { descendants } from "../../process-figures.ts";
import { makeTimeline, readTimeline } from "../gpu-timeline.ts";
import { type Gpu, gpuOf } from "../setting.ts";
import { writeStandinRepository } from "./standin-repository.ts";
import type { StartOptions, SystemUnderTest } from "./system-under-test.ts";

/** The four pools, as large as suits the cores; the model on our own server, or the GPU's stand-in on a real Triton. */
export async function startBriareus({ setting, cores, model }: StartOptions): Promise<SystemUnderTest> {
  const data = await mkdtemp(join(tmpdir(), "briareus-peers-"));
  await symlink(dirname(dirname(dirname(model))), join(data, "models"));
  const timeline = join(data, "gpu");
  const gpu = gpuOf(setting);
  const triton = gpu && (await startStandin(join(data, "standin"), gpu, timeline));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DATABASE_URL: "",
    METADATA_SERVER_DETECTION: "none",
    BRIAREUS_LOG_LEVEL: "warn",
    // The peers make none either.
    BRIAREUS_THUMBNAILS: "off",
    ...(triton && { BRIAREUS_MODEL_SERVER: triton.grpcAddress }),
  };
  const earlier = process.env.BRIAREUS_DATA;
  process.env.BRIAREUS_DATA = data;
  const local = await startLocalSystem(env, {
    pools: poolsOn(cores),
    watch: {
      restarted: (name, _, how) => console.error(`${name} was started again: ${how}`),
      hopeless: (name, how) => console.error(`${name} cannot start: ${how}`),
    },
  }).finally(() => {
    if (earlier === undefined) delete process.env.BRIAREUS_DATA;
    else process.env.BRIAREUS_DATA = earlier;
  });
  const all = { ...env, ...local.environment };
  const { pubsub } = loadSettings(all);
  process.env.PUBSUB_EMULATOR_HOST = pubsub.emulatorHost;
  process.env.METADATA_SERVER_DETECTION = "none";
  await until(
    () =>
      ensureTopics(pubsub).then(
        () => true,
        () => false,
      ),
    30_000,
    () => "Pub/Sub never answered",
  ).finally(() => delete process.env.PUBSUB_EMULATOR_HOST);
  const part = (name: string, pid: number) => ({
    name,
    pids: [pid, ...descendants(pid)],
    outside: name === "pubsub-emulator",
  });
  return {
    target: { kind: "pubsub", projectId: pubsub.project },
    env: all,
    parts: () => [
      ...local.processes.map((each) => part(each.name, each.pid() ?? 0)),
      ...(triton ? [part("triton", triton.pid)] : []),
    ],
    gpuWork: () => (triton ? readTimeline(timeline) : undefined),
    async stop() {
      await local.stop();
      await triton?.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** In the proportions of what a capture costs in each pool: decoding is most of it. */
function poolsOn(cores: number): Record<StageName, number> {
  const one = (perCores: number) => Math.ceil(cores / perCores);
  return { fetch: one(8), preprocess: Math.max(1, Math.round(cores / 2)), infer: one(8), postprocess: one(16) };
}

async function startStandin(repository: string, gpu: Gpu, timeline: string): Promise<Triton> {
  makeTimeline(timeline);
  await writeStandinRepository(repository, gpu, timeline);
  const [grpcPort, httpPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  // The wheel, not an image: its processes are to be counted and pinned like all the others.
  return await startTriton({ repository, grpcPort, httpPort, metricsPort }, { source: "wheel", log: console.log });
}
