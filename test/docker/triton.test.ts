/** `briareus triton` on its image. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { createInferenceClient } from "../../src/inference/grpc-inference-client.ts";
import { startTriton } from "../../src/models/triton/start-triton.ts";
import { freePorts } from "../models/servers.ts";
import { demoRepository } from "../models.ts";
import { until } from "../system.ts";
import { docker } from "./docker.ts";

const containers = async () =>
  (await docker(["ps", "--quiet", "--filter", "name=briareus-triton"])).split("\n").filter(Boolean);

test("Triton's image serves a repository, and leaves no container", async () => {
  const triton = await startTriton({ repository: demoRepository, ...(await freePorts()) }, { source: "image" });
  const client = createInferenceClient({ address: triton.grpcAddress });
  try {
    const picture = { bytes: new Uint8Array(224 * 224 * 3), rows: 1 };
    const { scores } = await client.infer("nsfw", picture, { deadlineAtMs: Date.now() + 30_000 });
    expect(scores).toHaveLength(5);
  } finally {
    client.close();
    await triton.stop();
  }
  expect(await containers()).toEqual([]);
});

test("its container ends with a supervisor that is killed", async () => {
  const { grpcPort, httpPort, metricsPort } = await freePorts();
  const ports = ["--port", grpcPort, "--http-port", httpPort, "--metrics-port", metricsPort].map(String);
  const args = ["triton", "--repository", demoRepository, "--source", "image", ...ports];
  const child = spawn(process.execPath, ["src/cli/main.ts", ...args], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  await once(child, "message");
  expect(await containers()).toHaveLength(1);
  child.kill("SIGKILL");
  await until(
    async () => (await containers()).length === 0,
    60_000,
    () => "the container runs on",
  );
});
