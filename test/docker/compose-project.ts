import { randomBytes } from "node:crypto";
import { docker } from "./docker.ts";

export interface ComposeProject {
  /** HOST:PORT at which the host reaches the project's Pub/Sub emulator. */
  pubsub: string;
  /** http://HOST:PORT of review. */
  review: string;
  image: string;
  /** Ids of a service's running containers. */
  containers(service: string): Promise<string[]>;
  /** The last log lines of all services, for the message of a failed test. */
  logs(): Promise<string>;
  /** Stops the containers as an operator would, and leaves them for inspection. */
  stop(): Promise<void>;
  /** Removes containers, networks and volumes; the image stays, as the next run's cache. */
  down(): Promise<void>;
}

/**
 * Builds the image and brings docker-compose.yml up under a project name of its own, on free ports of the host.
 * @throws Error with the services' states and logs, if they do not become healthy; nothing is left running then
 */
export async function composeUp(env: Record<string, string>): Promise<ComposeProject> {
  const name = `briareus-test-${randomBytes(4).toString("hex")}`;
  const image = "briareus:test";
  const compose = (...parameters: string[]) =>
    docker(["compose", "--project-name", name, ...parameters], {
      ...env,
      BRIAREUS_IMAGE: image,
      BRIAREUS_PUBSUB_PORT: "0",
      BRIAREUS_REVIEW_PORT: "0",
    });
  const logs = () => compose("logs", "--no-color", "--tail", "40");
  const down = async () => void (await compose("down", "--volumes", "--remove-orphans", "--timeout", "5"));
  try {
    await compose("build");
    await compose("--progress", "quiet", "up", "--detach", "--wait", "--wait-timeout", "180");
    return {
      pubsub: (await compose("port", "pubsub", "8085")).trim(),
      review: `http://${(await compose("port", "review", "8080")).trim()}`,
      image,
      containers: async (service) => (await compose("ps", "--quiet", service)).split("\n").filter(Boolean),
      logs,
      stop: async () => void (await compose("stop")),
      down,
    };
  } catch (error) {
    const states = await compose("ps", "--all").catch(String);
    const lines = await logs().catch(String);
    await down().catch(() => undefined);
    throw new Error(`${error instanceof Error ? error.message : error}\n${states}\n${lines}`, { cause: error });
  }
}
