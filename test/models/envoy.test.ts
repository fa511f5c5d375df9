/** A real Envoy before two real Tritons. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { freePort } from "../../src/local/free-port.ts";
import { ensureEnvironment, type PythonEnvironment } from "../../src/models/python/environment.ts";
import { runTool } from "../../src/models/python/run-tool.ts";
import { envoyConfig } from "../../src/models/triton/envoy-config.ts";
import { envoyFiles } from "../../src/models/triton/envoy-files.ts";
import { startTriton, type Triton } from "../../src/models/triton/start-triton.ts";
import { batchOf, demoRepository, tensorOf } from "../models.ts";
import { until } from "../system.ts";
import { freePorts, type Ports } from "./servers.ts";
import { underLoad } from "./under-load.ts";

let folder: string;
let python: PythonEnvironment;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "briareus-envoy-"));
  python = await ensureEnvironment("envoy");
});
afterAll(async () => {
  for (const cleanUp of cleanups.toReversed()) await cleanUp();
  rmSync(folder, { recursive: true });
});

const start = (ports: Ports) => startTriton({ repository: demoRepository, ...ports }, { source: "wheel" });

/** Pictures that a Triton has scored since it started. */
async function scored({ metricsAddress }: Triton): Promise<number> {
  const text = await (await fetch(`http://${metricsAddress}/metrics`)).text();
  return Number(/^nv_inference_count\{.*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

async function startEnvoy(endpoints: readonly Ports[]) {
  const [port, adminPort, observedPort] = [await freePort(), await freePort(), await freePort()];
  const file = join(folder, "envoy.yaml");
  const admin = { host: "127.0.0.1", port: adminPort };
  writeFileSync(
    file,
    envoyConfig({
      listen: { host: "127.0.0.1", port },
      admin,
      observed: { host: "127.0.0.1", port: observedPort },
      endpoints: endpoints.map((ports) => ({ host: "127.0.0.1", ...ports })),
    }),
  );
  const options = ["--config-path", file, "--concurrency", "1", "--log-level", "warning", "--disable-hot-restart"];
  const envoy = spawn(join(python.bin, "envoy"), options, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(envoy, "exit");
  cleanups.push(async () => {
    envoy.kill("SIGTERM");
    await ended;
  });
  const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${adminPort}${path}`)).text();
  const healthy = async () =>
    (await ask("/clusters").catch(() => "")).match(/^triton::.*::health_flags::healthy$/gm)?.length ?? 0;
  return {
    address: `127.0.0.1:${port}`,
    observed: `http://127.0.0.1:${observedPort}`,
    untilHealthy: (count: number) =>
      until(
        async () => (await healthy()) === count,
        30_000,
        () => `never ${count} healthy servers`,
      ),
  };
}

test("the file that is deployed is one that Envoy takes", async () => {
  await runTool(join(python.bin, "envoy"), ["--mode", "validate", "--config-path", "deploy/envoy/envoy.yaml"]);
});

test("the chart's file is one that Envoy takes, once its Tritons are named", async () => {
  const file = join(folder, "chart.yaml");
  const named = readFileSync("deploy/helm/briareus/files/envoy.yaml", "utf8")
    .replace("TRITON_HOST", "triton.models")
    .replace("TRITON_GRPC_PORT", "8001")
    .replace("TRITON_HTTP_PORT", "8000");
  writeFileSync(file, named);
  await runTool(join(python.bin, "envoy"), ["--mode", "validate", "--config-path", file]);
});

test("its readiness and figures can be read from elsewhere, and it cannot be ended from there", async () => {
  const envoy = await startEnvoy([await freePorts()]);
  const status = async (path: string, method = "GET") => (await fetch(envoy.observed + path, { method })).status;
  await expect.poll(() => status("/ready").catch(() => 0), { timeout: 20_000 }).toBe(200);
  expect(await (await fetch(`${envoy.observed}/stats/prometheus`)).text()).toContain(
    "envoy_cluster_membership_healthy",
  );
  expect(await status("/quitquitquit", "POST")).toBe(404);
  expect(await status("/config_dump")).toBe(404);
});

test("versions and their shares lie in files that Envoy takes, and takes anew when the folder changes", async () => {
  const [port, adminPort] = [await freePort(), await freePort()];
  const observed = { host: "127.0.0.1", port: await freePort() };
  // As Kubernetes lays a ConfigMap out: files are links into a folder that is itself a link.
  const mounted = join(folder, "mounted");
  mkdirSync(mounted);
  const put = (generation: string, weights: Record<string, number>) => {
    const endpoints = [{ host: "127.0.0.1", grpcPort: port, httpPort: port }];
    const versions = Object.entries(weights).map(([name, weight]) => ({ name, weight, endpoints }));
    const where = { listen: { host: "127.0.0.1", port }, admin: { host: "127.0.0.1", port: adminPort }, observed };
    mkdirSync(join(mounted, generation));
    for (const [name, text] of Object.entries(envoyFiles({ ...where, folder: mounted, versions }))) {
      writeFileSync(join(mounted, generation, name), text);
      if (!existsSync(join(mounted, name))) symlinkSync(join("..data", name), join(mounted, name));
    }
    symlinkSync(generation, join(mounted, "..data_tmp"));
    renameSync(join(mounted, "..data_tmp"), join(mounted, "..data"));
  };
  put("..1", { old: 100, new: 0 });
  const options = ["--config-path", join(mounted, "envoy.yaml"), "--concurrency", "1", "--disable-hot-restart"];
  const envoy = spawn(join(python.bin, "envoy"), [...options, "--log-level", "error"], { stdio: "ignore" });
  const ended = once(envoy, "exit");
  const routes = async () => {
    const dump = await fetch(`http://127.0.0.1:${adminPort}/config_dump?resource=dynamic_route_configs`);
    return await dump.text();
  };
  try {
    await expect.poll(() => routes().catch(() => ""), { timeout: 30_000 }).toContain('"cluster": "old"');
    const ready = await fetch(`http://127.0.0.1:${observed.port}/ready`);
    expect(ready.status).toBe(200);
    put("..2", { old: 80, new: 20 });
    await expect.poll(routes, { timeout: 30_000 }).toMatch(/"name": "new",\s+"weight": 20/);
  } finally {
    envoy.kill("SIGTERM");
    await ended;
  }
});

test("requests are spread over two Tritons; one is killed and started again, and none that waits is lost", async () => {
  const [onePorts, otherPorts] = [await freePorts(), await freePorts()];
  const one = await start(onePorts);
  cleanups.push(() => one.stop());
  const other = await start(otherPorts);
  const envoy = await startEnvoy([onePorts, otherPorts]);
  await envoy.untilHealthy(2);
  const client = createInferenceClient({ address: envoy.address, probeDelaysMs: [50, 100, 200] });
  cleanups.push(() => client.close());
  const pictures = await batchOf(2);
  const alone = await client.infer("nsfw", tensorOf(pictures), { deadlineAtMs: Date.now() + 60_000 });

  const load = underLoad(client, pictures);
  await load.answers(20);
  // One connection of one client: gRPC by itself would have stayed with one of them.
  expect(await scored(one)).toBeGreaterThan(0);
  expect(await scored(other)).toBeGreaterThan(0);

  process.kill(-other.pid, "SIGKILL");
  await other.ended;
  await envoy.untilHealthy(1);
  await load.answers(10);

  const again = await start(otherPorts);
  cleanups.push(() => again.stop());
  await envoy.untilHealthy(2);
  await until(
    async () => (await scored(again)) > 10,
    30_000,
    () => "the server that came back got nothing",
  );
  const { answers } = await load.end();
  for (const { scores } of answers) expect([...scores].map((each) => each.toFixed(4))).toEqual(rounded(alone.scores));
});

const rounded = (scores: Float32Array) => [...scores].map((each) => each.toFixed(4));
