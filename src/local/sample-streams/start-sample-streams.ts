/** The demo's live streams: pictures served over HTTP by this process, and captures of them published. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Publisher } from "../../producer/publisher.ts";
import { type Burst, capturesDue } from "./burst.ts";
import { samplePicture } from "./pictures.ts";
import { type Shot, shotOf } from "./storyboard.ts";
import { factsOf } from "./stream-facts.ts";

export interface SampleStreams {
  /** HOST:PORT of the picture server. */
  address: string;
  /** Resolves when no more captures will be published; rejects when Pub/Sub took not even the first one. */
  done: Promise<void>;
  /** Publishes no more; the pictures of what was published stay served. */
  finish(): void;
  stop(): Promise<void>;
}

export interface SampleStreamOptions {
  streams: number;
  /** Captures a second per stream. */
  fps: number;
  /** Captures in all; absent: until finish(). */
  captures?: number;
  burst?: Burst;
  publisher: Pick<Publisher, "publish">;
  /** Begins every capture's id, so that those of two runs differ. */
  runId: string;
}

const tickMs = 25;
/** Live streams do not end because Pub/Sub is away: what it did not take is published again after this long. */
const againMs = 500;

export async function startSampleStreams(options: SampleStreamOptions): Promise<SampleStreams> {
  const { streams, fps, captures = Number.POSITIVE_INFINITY, burst, publisher, runId } = options;
  const pictures = await servePictures((stream, sequence) => shotOf(stream, streams, sequence / fps));
  const startedAtMs = performance.now();
  const beganAtMs = Date.now();
  const finished = Promise.withResolvers<void>();
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  let published = 0;
  let stored = 0;
  let stopped = false;

  const elapsedMs = () => performance.now() - startedAtMs;
  // In a burst a stream is looked at more often; what it shows goes on no faster.
  const pictureOf = (sequence: number) => (burst ? Math.floor((elapsedMs() / 1000) * fps) : sequence);

  const publish = async (count: number) => {
    const [stream, sequence] = [count % streams, Math.floor(count / streams)];
    await publisher.publish({
      captureId: `${runId}-${stream}-${sequence}`,
      streamId: `demo-${stream + 1}`,
      capturedAt: new Date().toISOString(),
      imageUri: `http://${pictures.address}/${stream}/${pictureOf(sequence)}.jpg`,
      attributes: factsOf(stream, { startedAtMs: beganAtMs, nowMs: Date.now() }),
    });
    stored += 1;
  };

  const publishUntilStored = async (count: number) => {
    while (!stopping.signal.aborted) {
      try {
        return await publish(count);
      } catch (error) {
        if (stored === 0) throw error; // It is no outage: the topic is missing, or nobody may publish to it.
        await delay(againMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  const end = () => {
    stopped = true;
    clearInterval(timer);
    Promise.all(underWay).then(() => finished.resolve(), finished.reject);
  };

  const tick = () => {
    const due = Math.min(captures, capturesDue(elapsedMs(), fps * streams, burst));
    while (published < due) {
      const sending = publishUntilStored(published++);
      underWay.add(sending);
      sending.then(
        () => underWay.delete(sending),
        () => stopped || end(),
      );
    }
    if (published >= captures) end();
  };
  const timer = setInterval(tick, tickMs);

  return {
    address: pictures.address,
    done: finished.promise,
    finish: end,
    async stop() {
      stopping.abort();
      end();
      await finished.promise.catch(() => undefined);
      pictures.close();
    },
  };
}

/** Draws each shot once and serves it under every path that shows it. */
async function servePictures(shotAt: (stream: number, sequence: number) => Shot) {
  const drawn = new Map<string, Promise<Uint8Array>>();
  const draw = (shot: Shot): Promise<Uint8Array> => {
    const key = `${shot.scene}/${shot.seed}/${shot.moment}/${shot.aspect}`;
    const picture = drawn.get(key) ?? samplePicture(shot.scene, shot.seed, shot.moment, shot.aspect);
    drawn.set(key, picture);
    return picture;
  };
  const server = createServer((request, response) => {
    const [, stream, sequence] = /^\/(\d+)\/(\d+)\.jpg$/.exec(request.url ?? "") ?? [];
    if (stream === undefined || sequence === undefined) return response.writeHead(404).end();
    draw(shotAt(Number(stream), Number(sequence))).then(
      (bytes) => response.writeHead(200, { "content-type": "image/jpeg", "content-length": bytes.length }).end(bytes),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the picture server has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
