/** What runs on this machine for a container: the program that its image would start, with the command line as it is rendered. */
import { join, resolve } from "node:path";
import { ensureEnvironment } from "../../../src/models/python/environment.ts";
import { tritonOfWheel } from "../../../src/models/triton/triton-of-wheel.ts";
import type { Container } from "./pod.ts";

export interface Program {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** What an image starts where the container names no command. */
const entrypoints: readonly [image: RegExp, command: readonly string[]][] = [
  [/envoy/, ["envoy"]],
  [/briareus|model-conversion/, ["node", "/app/src/cli/main.ts"]],
];

/**
 * @param address of the pod: a machine has one network, so what listens on every address is told to listen on this one
 * @throws Error where nothing of this machine can play the image
 */
export async function programOf({ image, command, args }: Container, address: string): Promise<Program> {
  const entrypoint = entrypoints.find(([name]) => name.test(image))?.[1] ?? [];
  const [first, ...rest] = [...(command.length > 0 ? command : entrypoint), ...args].map((each) =>
    each.replace(/^\/app\//, `${resolve(".")}/`),
  );
  if (first === "tritonserver") return await triton(rest, address);
  if (first === "envoy") {
    const own = ["--concurrency", "1", "--disable-hot-restart"];
    return { program: join((await ensureEnvironment("envoy")).bin, "envoy"), args: [...rest, ...own], env: {} };
  }
  if (first === "node") return { program: process.execPath, args: rest, env: {} };
  // Of a script that names node, too.
  if (first === "/bin/sh")
    return { program: first, args: rest.map((each) => (each === "node" ? process.execPath : each)), env: {} };
  throw new Error(`nothing here runs ${first ?? image}`);
}

async function triton(args: string[], host: string): Promise<Program> {
  const ports = { grpcPort: 0, httpPort: 0, metricsPort: 0 };
  const wheel = await tritonOfWheel({ repository: "", models: [], host, ...ports });
  const own = wheel.args.filter((each) => /^--(backend-directory|\w+-address)=/.test(each));
  return { program: wheel.program, args: [...args, ...own], env: wheel.env };
}
