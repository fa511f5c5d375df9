import { once } from "node:events";
import { expect } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { startCommand } from "../command.ts";
import type { Server, SiteParts } from "./site.ts";

export interface ReviewProcess extends Server {
  port: number;
  /** SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again on the same port; resolves when it answers. */
  restart(): Promise<void>;
}

/** `briareus review` as a process of its own, with a site's parts. */
export async function startReviewProcess({ review, topic, timing }: SiteParts): Promise<ReviewProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = async () => {
    const { child } = startCommand(["review", "--port", String(port)], {
      DATABASE_URL: review.url,
      PUBSUB_EMULATOR_HOST: topic.address,
      BRIAREUS_EVIDENCE: review.evidenceUrl,
      BRIAREUS_UNDO_MS: String(timing.undoMs),
      BRIAREUS_HOLD_MS: String(timing.leaseMs),
    });
    await expect
      .poll(
        () =>
          fetch(`${url}/openapi.json`).then(
            (answer) => answer.ok,
            () => false,
          ),
        { timeout: 30_000, interval: 100 },
      )
      .toBe(true);
    return child;
  };
  let child = await start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return {
    url,
    port,
    kill,
    async restart() {
      child = await start();
    },
    close: kill,
  };
}
