/** The servers that the inference client must get on with, as processes that can be killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../src/local/free-port.ts";
import { startTriton } from "../../src/models/triton/start-triton.ts";

export interface ServerUnderTest {
  grpcAddress: string;
  metricsAddress: string;
  /** SIGKILL to all of it. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface Ports {
  grpcPort: number;
  httpPort: number;
  metricsPort: number;
}

export type StartServer = (repository: string, ports: Ports) => Promise<ServerUnderTest>;

export const servers: Record<string, StartServer> = {
  "the real Triton": async (repository, ports) => {
    const triton = await startTriton({ repository, ...ports }, { source: "wheel" });
    return {
      ...triton,
      async kill() {
        process.kill(-triton.pid, "SIGKILL");
        await triton.ended;
      },
      stop: () => triton.stop(),
    };
  },
  "our model server": async (repository, { grpcPort, metricsPort }) => {
    const options = ["--repository", repository, "--port", String(grpcPort), "--metrics-port", String(metricsPort)];
    const child = spawn(process.execPath, ["src/cli/main.ts", "model-server", ...options], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const ended = once(child, "exit");
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      await ended;
    };
    const [message] = await Promise.race([once(child, "message"), ended.then(() => [undefined])]);
    if (!message) throw new Error("the model server ended while it started; what it said stands above");
    return {
      grpcAddress: `127.0.0.1:${grpcPort}`,
      metricsAddress: `127.0.0.1:${metricsPort}`,
      kill: () => end("SIGKILL"),
      stop: () => end("SIGTERM"),
    };
  },
};

export async function freePorts(): Promise<Ports> {
  return { grpcPort: await freePort(), httpPort: await freePort(), metricsPort: await freePort() };
}
