import { existsSync } from "node:fs";
import { join } from "node:path";
import { dataFolder } from "./data-folder.ts";
import { freePort } from "./free-port.ts";
import { LocalSystemError } from "./local-system-error.ts";

/** What serves the models: one that runs already, or a command of ours that starts one. */
export type ModelServing = { address: string } & (
  | { command?: undefined }
  | { command: "model-server" | "triton"; args: string[] }
);

/**
 * Our model server, or a real Triton where that is asked for, unless the environment names one that runs.
 * @throws LocalSystemError where TRITON_URL is no address, or there is no model
 */
export async function planModelServing(env: NodeJS.ProcessEnv, triton = false): Promise<ModelServing> {
  if (triton && env.TRITON_URL) return { address: addressOf(env.TRITON_URL) };
  if (!triton && env.BRIAREUS_MODEL_SERVER) return { address: env.BRIAREUS_MODEL_SERVER };
  const repository = join(dataFolder(), "models");
  if (!existsSync(repository))
    throw new LocalSystemError(`there is no model in ${repository}: run \`npm run setup\` first`);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const args = ["--repository", repository, "--port", String(port), "--metrics-port", String(metricsPort)];
  const address = `127.0.0.1:${port}`;
  if (!triton) return { address, command: "model-server", args };
  return { address, command: "triton", args: [...args, "--http-port", String(await freePort())] };
}

/** The address of a gRPC service, with or without a scheme before it. */
function addressOf(url: string): string {
  const address = /^(?:\w+:\/\/)?([^\s/]+:\d{1,5})\/?$/.exec(url)?.[1];
  if (address) return address;
  throw new LocalSystemError(`TRITON_URL is "${url}": it must be HOST:PORT of Triton's gRPC service, port 8001 mostly`);
}
