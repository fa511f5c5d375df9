/** What `publish` and `capture` have in common: a publisher of served pictures, and what may end the command early. */
import type { Settings } from "../config/settings.ts";
import { withRunningSystem } from "../local/running-system.ts";
import { createPicturePublisher, type PicturePublisher } from "../producer/picture-publisher.ts";
import { PictureServerError, startPictureServer } from "../producer/picture-server.ts";
import { createPublisher } from "../producer/publisher.ts";
import { createContext } from "./context.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { stopSignal } from "./stop-signal.ts";

export interface PictureSessionOptions {
  stream: string;
  serveHost: string;
  /** For so long nothing may happen while pictures are held; Pub/Sub gets as long to take a capture. */
  timeout: number;
  limits: { pictures: number; bytes: number };
  until: "fetched" | "released";
}

export interface PictureSession {
  pubsub: Settings["pubsub"];
  captures: PicturePublisher;
  /** Resolves when the person asks for it, or when nothing has happened for too long. */
  ended: Promise<"asked" | "silent">;
  close(): Promise<void>;
}

/** What is not sent yet when a command ends gets this long; after a failure it may never go. */
const closeMs = 2_000;

/** @throws CommandError, ConfigError */
export async function openPictureSession(role: string, options: PictureSessionOptions): Promise<PictureSession> {
  const { pubsub } = createContext(role).settings;
  requirePubSub(pubsub);
  const asked = Promise.race([stopSignal(["SIGINT", "SIGTERM", "SIGHUP"]), nobodyReads(process.stdout)]);
  const server = await startPictureServer(options.serveHost).catch((error) => {
    throw error instanceof PictureServerError ? new CommandError(error.message, exitCodes.usage) : error;
  });
  const publisher = createPublisher({
    projectId: pubsub.project,
    topic: pubsub.capturesTopic,
    timeoutMs: options.timeout,
  });
  const silence = Promise.withResolvers<"silent">();
  const timer = setTimeout(() => {
    if (captures.held() > 0 && captures.sending() === 0) silence.resolve("silent");
    else timer.refresh();
  }, options.timeout);
  const { limits, until, stream: streamId } = options;
  const onProgress = () => void timer.refresh();
  const captures = createPicturePublisher({ publisher, server, streamId, limits, until, onProgress });
  return {
    pubsub,
    captures,
    ended: Promise.race([asked.then(() => "asked" as const), silence.promise]),
    async close() {
      clearTimeout(timer);
      server.close();
      const limit = Promise.withResolvers<void>();
      const giveUp = setTimeout(limit.resolve, closeMs);
      await Promise.race([publisher.close(), limit.promise]);
      clearTimeout(giveUp);
    },
  };
}

/** Resolves when what is printed goes nowhere any more: `| head` has seen enough, the terminal is closed. */
function nobodyReads(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void output.on("error", () => resolve()));
}

/** Without a project and credentials Google's client looks for them in the network, and says so only much later. */
function requirePubSub({ emulatorHost }: Settings["pubsub"]): void {
  if (emulatorHost || withRunningSystem(process.env).GOOGLE_CLOUD_PROJECT) return;
  throw new CommandError(
    "there is nothing to publish to: start `briareus up` in another terminal, or set PUBSUB_EMULATOR_HOST or GOOGLE_CLOUD_PROJECT",
    exitCodes.usage,
  );
}
