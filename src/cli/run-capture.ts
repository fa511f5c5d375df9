/**
 * `briareus capture`: captures of a video's frames.
 *
 *     sampling ──source ends, --for, or Ctrl-C──► waiting until the last frames are fetched ──► summary
 */
import { randomUUID } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { basename } from "node:path";
import { isNetworkSource, sampleFrames } from "../producer/frame-sampler.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { openPictureSession, type PictureSession } from "./picture-session.ts";

export interface CaptureOptions {
  stream: string;
  fps: number;
  for?: number;
  realtime?: boolean;
  timeout: number;
  serveHost: string;
}

/** Frames in memory at a time. */
const limits = { pictures: 64, bytes: 64 * 2 ** 20 };
/** After Ctrl-C, or when the source broke off, the frames that were published get this long to be fetched. */
const lastFetchesMs = 5_000;

/** @returns the exit code */
export async function runCapture(source: string, options: CaptureOptions): Promise<number> {
  if (!isNetworkSource(source)) await requireFile(source);
  const session = await openPictureSession("capture", { ...options, limits, until: "fetched" });
  const { captures, ended } = session;
  const stopSampling = new AbortController();
  let dropped = 0;
  const sampling = publishFrames(source, options, { captures, signal: stopSampling.signal, onDrop: () => dropped++ });
  const end = await Promise.race([sampling.then(() => "done" as const).catch((error: unknown) => ({ error })), ended]);
  stopSampling.abort();
  if (end === "done") await Promise.race([captures.empty(), ended]);
  else if (end !== "silent") await Promise.race([captures.empty(), delay(lastFetchesMs)]);
  const left = captures.held();
  await session.close();
  const published = captures.released() + left;
  if (published > 0) process.stderr.write(`${summary({ published, left, dropped }, options.stream)}\n`);
  if (typeof end === "object") throw end.error;
  return left > 0 ? exitCodes.incomplete : exitCodes.ok;
}

async function publishFrames(
  source: string,
  { stream, fps, for: durationMs, realtime }: CaptureOptions,
  { captures, signal, onDrop }: Pick<PictureSession, "captures"> & { signal: AbortSignal; onDrop: () => void },
): Promise<void> {
  let number = 0;
  for await (const bytes of sampleFrames({ source, fps, durationMs, realtime, signal })) {
    const position = `${(number++ / fps).toFixed(2)} s`;
    // A broadcast does not wait: its server would hang up on a reader that does.
    if (isBroadcast(source) && captures.held() >= limits.pictures) onDrop();
    else {
      const attributes: Record<string, string> = isNetworkSource(source)
        ? { position }
        : { position, video: basename(source) };
      await captures.publish({ captureId: `${stream}-${randomUUID()}`, source: { bytes }, attributes });
    }
    if (signal.aborted) return;
  }
}

/** What is pushed to its readers, as opposed to files and HLS, of which they take as much as they like. */
function isBroadcast(source: string): boolean {
  return isNetworkSource(source) && !/^https?:/i.test(source);
}

async function requireFile(path: string): Promise<void> {
  await access(path.replace(/^file:(\/\/)?/, ""), constants.R_OK).catch((error) => {
    const why = error.code === "ENOENT" ? `there is no file ${path}` : `${path} may not be read by you`;
    throw new CommandError(`${why}; nothing was published`, exitCodes.usage);
  });
}

function summary(counts: { published: number; left: number; dropped: number }, stream: string): string {
  const { published, left, dropped } = counts;
  const parts = [`${published} ${published === 1 ? "frame" : "frames"} published as captures of stream ${stream}`];
  if (left > 0) parts.push(`${left} of them not fetched when this command ended`);
  if (dropped > 0) parts.push(`${dropped} more left out because fetching was slower than the source`);
  return parts.join(", ");
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
