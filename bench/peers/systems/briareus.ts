import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSettings } from "../../../src/config/settings.ts";
import { freePort } from "../../../src/local/free-port.ts";
import { startLocalSystem } from "../../../src/local/system.ts";
import { startTriton, type Triton } from "../../../src/models/triton/start-triton.ts";
import { ensureTopics } from "../../../src/producer/ingress/subscription.ts";
import { until } from "../../../test/system.ts";
import { descendants } from "../../process-figures.ts";
import { writeStandinRepository } from "../setting.ts";
import type { StartOptions, SystemUnderTest } from "./system-under-test.ts";

/** The four pools, a process each; the model on our own server, or the GPU's stand-in on a real Triton. */
export async function startBriareus({ setting, model }: StartOptions): Promise<SystemUnderTest> {
  const data = await mkdtemp(join(tmpdir(), "briareus-peers-"));
  await symlink(dirname(dirname(dirname(model))), join(data, "models"));
  const triton = setting === "gpu-standin" ? await startStandin(join(data, "standin")) : undefined;
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
  const isOutside = (name: string) => name === "pubsub-emulator";
  const pidsOf = (wanted: (name: string) => boolean) =>
    local.processes.filter(({ name }) => wanted(name)).map((each) => each.pid() ?? 0);
  const withDescendants = (pids: number[]) => pids.flatMap((pid) => [pid, ...descendants(pid)]);
  return {
    target: { kind: "pubsub", projectId: pubsub.project },
    env: all,
    pids: () => withDescendants([...pidsOf((name) => !isOutside(name)), ...(triton ? [triton.pid] : [])]),
    outsidePids: () => withDescendants(pidsOf(isOutside)),
    async stop() {
      await local.stop();
      await triton?.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function startStandin(repository: string): Promise<Triton> {
  await writeStandinRepository(repository);
  const [grpcPort, httpPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  // The wheel, not an image: its processes are to be counted and pinned like all the others.
  return await startTriton({ repository, grpcPort, httpPort, metricsPort }, { source: "wheel", log: console.log });
}
