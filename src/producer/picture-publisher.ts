/**
 * Publishes pictures as captures and serves those that lie on this machine.
 *
 *     publish() ──► held (the picture is served) ──fetched, or release()──► done
 */
import { createFlowGate } from "./flow-gate.ts";
import type { PictureServer, ServedPicture, ServedSource } from "./picture-server.ts";
import type { Publisher } from "./publisher.ts";

export interface PictureCapture {
  captureId: string;
  /** `uri`: it is served elsewhere. */
  source: ServedSource | { uri: string };
  attributes?: Record<string, string>;
}

export interface PicturePublisher {
  /**
   * Publishes a capture of a picture as taken now. Waits while as many are held as may be.
   * @throws PublisherError
   */
  publish(picture: PictureCapture): Promise<void>;
  /** The picture is needed no more. */
  release(captureId: string): void;
  /** Pictures that are held now. */
  held(): number;
  /** Captures that Pub/Sub has not taken yet. */
  sending(): number;
  /** Pictures that were held and are no more. */
  released(): number;
  /** Resolves when nothing is held, at once if that is so now. */
  empty(): Promise<void>;
}

export interface PicturePublisherOptions {
  publisher: Publisher;
  server: PictureServer;
  streamId: string;
  /** What may be held at a time. Captures age from publication, so those of a large folder must not all wait at once. */
  limits: { pictures: number; bytes: number };
  /** `fetched`: pictures are released when they were read (those served elsewhere: when published). */
  until: "fetched" | "released";
  /** Told of each step forward of a capture. */
  onProgress?: () => void;
}

/**
 * Pictures that were read once stay served for a while: a fetch process that dies with one in its hands is followed
 * by another one, which reads it again.
 */
const keptAfterFetch = 32;

export function createPicturePublisher(options: PicturePublisherOptions): PicturePublisher {
  const { publisher, server, streamId, until, onProgress = () => undefined } = options;
  const gate = createFlowGate({ messages: options.limits.pictures, bytes: options.limits.bytes });
  const held = new Map<string, { bytes: number; withdraw: () => void }>();
  const kept: (() => void)[] = [];
  const empties: (() => void)[] = [];
  let released = 0;
  let sending = 0;

  const release = (captureId: string) => {
    const found = held.get(captureId);
    if (!found) return;
    held.delete(captureId);
    released += 1;
    if (until === "released") found.withdraw();
    else if (kept.push(found.withdraw) > keptAfterFetch) kept.shift()?.();
    gate.leave(found.bytes);
    onProgress();
    if (held.size === 0) for (const resolve of empties.splice(0)) resolve();
  };

  return {
    async publish({ captureId, source, attributes }) {
      const bytes = "bytes" in source ? source.bytes.length : 0;
      await gate.enter(bytes);
      const { uri, fetched, withdraw } = "uri" in source ? servedElsewhere(source.uri) : server.serve(source);
      held.set(captureId, { bytes, withdraw });
      const capturedAt = new Date().toISOString();
      sending += 1;
      try {
        await publisher.publish({ captureId, streamId, capturedAt, imageUri: uri, attributes });
      } catch (error) {
        release(captureId);
        throw error;
      } finally {
        sending -= 1;
      }
      onProgress();
      if (until === "fetched") fetched.then(() => release(captureId));
    },
    release,
    held: () => held.size,
    sending: () => sending,
    released: () => released,
    empty() {
      if (held.size === 0) return Promise.resolve();
      return new Promise((resolve) => empties.push(resolve));
    },
  };
}

/** Who serves it, and for how long, is not our affair. */
function servedElsewhere(uri: string): ServedPicture {
  return { uri, fetched: Promise.resolve(), withdraw: () => undefined };
}
