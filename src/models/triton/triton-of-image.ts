import { randomBytes } from "node:crypto";
import { runTool } from "../python/run-tool.ts";
import { commonArguments, type TritonOptions, type TritonProgram } from "./triton-program.ts";

/** NVIDIA's own image; several gigabytes. BRIAREUS_TRITON_IMAGE names another. */
const officialImage = "nvcr.io/nvidia/tritonserver:25.09-py3";

/** Whether a Docker engine answers here. */
export async function dockerAnswers(signal?: AbortSignal): Promise<boolean> {
  return await runTool("docker", ["info", "--format", "{{.ServerVersion}}"], { signal }).then(
    () => true,
    () => false,
  );
}

/**
 * Triton from its official image, on the GPUs where the engine has any.
 * @throws ModelToolError where the image cannot be had
 */
export async function tritonOfImage(
  options: TritonOptions & { models: readonly string[] },
  { log = () => undefined, signal }: { log?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<TritonProgram> {
  const image = process.env.BRIAREUS_TRITON_IMAGE || officialImage;
  const docker = (...args: string[]) => runTool("docker", args, { signal, name: `docker ${args[0]}` });
  if (!(await docker("image", "inspect", image).then(Boolean, () => false))) {
    log(`Pulling ${image}: several gigabytes`);
    await docker("pull", "--quiet", image);
  }
  const runtimes = await docker("info", "--format", "{{json .Runtimes}}");
  const gpus = runtimes.includes('"nvidia"') ? ["--gpus", "all"] : [];
  const publish = [
    [options.grpcPort, 8001],
    [options.httpPort, 8000],
    [options.metricsPort, 8002],
  ].flatMap(([outside, inside]) => ["--publish", `${options.host}:${outside}:${inside}`]);
  const name = `briareus-triton-${randomBytes(4).toString("hex")}`;
  // The Python backend hands tensors over through shared memory.
  const container = ["run", "--rm", "--init", "--name", name, "--shm-size", "1g", ...gpus, ...publish];
  const mount = ["--mount", `type=bind,source=${options.repository},target=/models,readonly`];
  const server = ["tritonserver", "--model-repository=/models", ...commonArguments(options.models)];
  return {
    description: `Triton of the image ${image}${gpus.length > 0 ? " with its GPUs" : ""}`,
    program: "docker",
    args: [...container, ...mount, image, ...server, ...(options.args ?? [])],
    env: process.env,
    // Killed, the client would leave the container running.
    orphanSignal: "TERM",
  };
}
