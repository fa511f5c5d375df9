/**
 * A real Triton from the package nvidia-pytriton: the server and its Python backend, without GPU libraries. Our own
 * Python `onnxruntime` backend stands beside it, so that it serves the repositories of the official image.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureEnvironment, type PythonEnvironment } from "../python/environment.ts";
import { commonArguments, type TritonOptions, type TritonProgram } from "./triton-program.ts";

const ownBackends = fileURLToPath(new URL("backends/", import.meta.url));

/** @throws ModelToolError where the package cannot be had on this machine */
export async function tritonOfWheel(
  options: TritonOptions & { models: readonly string[] },
  { log, signal }: { log?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<TritonProgram> {
  const own = await ensureEnvironment("triton", { log, signal });
  const backends = await backendFolder(own);
  const { python = own, host } = options;
  return {
    description: "Triton 2.51.0 (CPU) of the package nvidia-pytriton 0.7.0",
    program: join(own.packages, "pytriton/tritonserver/bin/tritonserver"),
    args: [
      `--model-repository=${options.repository}`,
      `--backend-directory=${backends}`,
      `--grpc-address=${host}`,
      `--http-address=${host}`,
      `--metrics-address=${host}`,
      `--grpc-port=${options.grpcPort}`,
      `--http-port=${options.httpPort}`,
      `--metrics-port=${options.metricsPort}`,
      ...commonArguments(options.models),
      ...(options.args ?? []),
    ],
    env: {
      ...process.env,
      ...python.variables,
      LD_LIBRARY_PATH: join(own.packages, "nvidia_pytriton.libs"),
      // Or each Python model would start a thread per core for itself.
      OMP_NUM_THREADS: "1",
    },
    orphanSignal: "KILL",
  };
}

/** The wheel keeps the Python backend and the program that it runs models with in different folders. */
async function backendFolder({ folder, packages, version }: PythonEnvironment): Promise<string> {
  const model = await readFile(join(ownBackends, "onnxruntime/model.py"));
  const hash = createHash("sha256").update(model).digest("hex").slice(0, 12);
  const target = join(folder, `backends-${hash}`);
  if (existsSync(target)) return target;
  const staging = await mkdtemp(join(folder, "backends-"));
  const server = join(packages, "pytriton/tritonserver");
  await cp(join(server, "backends/python"), join(staging, "python"), { recursive: true });
  const stub = "triton_python_backend_stub";
  await copyFile(join(server, "python_backend_stubs", version, stub), join(staging, "python", stub));
  await cp(ownBackends, staging, { recursive: true });
  await rename(staging, target).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  });
  return target;
}
