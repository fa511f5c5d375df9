import { randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import { startSampleStreams } from "../local/sample-streams/start-sample-streams.ts";
import { createPublisher } from "../producer/publisher.ts";

/** The simulated live streams of `briareus up`. */
export interface DemoStreams {
  published(): number;
  captureIds(): readonly string[];
  /** Resolves when no more will be published. */
  done: Promise<unknown>;
  /** Publishes no more, but serves the pictures of what was published. */
  finish(): void;
  stop(): Promise<void>;
}

export async function startDemo(
  options: { streams: number; fps: number; captures?: number },
  settings: Settings,
): Promise<DemoStreams> {
  const publisher = createPublisher({ projectId: settings.pubsub.project, topic: settings.pubsub.capturesTopic });
  const captureIds: string[] = [];
  const streams = await startSampleStreams({
    ...options,
    runId: randomUUID().slice(0, 8),
    publisher: {
      ...publisher,
      async publish(capture) {
        const id = await publisher.publish(capture);
        captureIds.push(capture.captureId);
        return id;
      },
    },
  });
  return {
    published: () => captureIds.length,
    captureIds: () => captureIds,
    done: streams.done,
    finish: () => streams.finish(),
    async stop() {
      await streams.stop();
      await publisher.close();
    },
  };
}
