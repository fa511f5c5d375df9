import { randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import type { Burst } from "../local/sample-streams/burst.ts";
import { startSampleStreams } from "../local/sample-streams/start-sample-streams.ts";
import { createPublisher } from "../producer/publisher.ts";

/** The simulated live streams of `briareus up`. */
export interface DemoStreams {
  published(): number;
  /** Resolves when no more will be published. */
  done: Promise<unknown>;
  /** Publishes no more, but serves the pictures of what was published. */
  finish(): void;
  stop(): Promise<void>;
}

/** Late enough for the pools to have settled, short enough for a laptop to work it off before captures expire. */
const burst: Burst = { times: 20, afterMs: 10_000, forMs: 5_000 };

export async function startDemo(
  options: { streams: number; fps: number; captures?: number; burst?: boolean },
  settings: Settings,
  published: (captureId: string) => void,
): Promise<DemoStreams> {
  const publisher = createPublisher({ projectId: settings.pubsub.project, topic: settings.pubsub.capturesTopic });
  let count = 0;
  const streams = await startSampleStreams({
    ...options,
    burst: options.burst ? burst : undefined,
    runId: randomUUID().slice(0, 8),
    publisher: {
      ...publisher,
      async publish(capture) {
        const id = await publisher.publish(capture);
        count += 1;
        published(capture.captureId);
        return id;
      },
    },
  });
  return {
    published: () => count,
    done: streams.done,
    finish: () => streams.finish(),
    async stop() {
      await streams.stop();
      await publisher.close();
    },
  };
}
