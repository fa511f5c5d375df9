import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { readMultipartFrames } from "./multipart-frames.ts";

export interface FrameSamplerOptions {
  /** Path of a file, or a URI that ffmpeg can read: http(s):// (HLS too), rtmp://, rtsp://, srt:// … */
  source: string;
  fps: number;
  /** Of the video's own time; absent: to its end. */
  durationMs?: number;
  /** A file at the speed at which it would be shown, instead of as fast as the caller takes frames. */
  realtime?: boolean;
  /** Ends the sampling without an error. */
  signal?: AbortSignal;
}

/** `ffmpeg-missing`: install it. `source`: ffmpeg cannot read it, or broke off; the message has ffmpeg's last words. */
export class FrameSamplerError extends Error {
  readonly code: "ffmpeg-missing" | "source";
  constructor(code: FrameSamplerError["code"], message: string) {
    super(message);
    this.name = "FrameSamplerError";
    this.code = code;
  }
}

/** A silent network source is given up after this long. */
const sourceTimeoutMs = 15_000;

/**
 * Samples a video with ffmpeg: JPEG files of high quality in the video's own size, `fps` of them per second of the
 * video's time, the first one at its beginning. A caller that is slow to take them slows ffmpeg.
 * @throws FrameSamplerError
 */
export async function* sampleFrames(options: FrameSamplerOptions): AsyncGenerator<Buffer> {
  const { source, signal } = options;
  const child = spawn("ffmpeg", ffmpegArguments(options), { stdio: ["ignore", "pipe", "pipe"] });
  const ended = Promise.withResolvers<number | null>();
  child.once("error", ended.reject).once("close", ended.resolve);
  ended.promise.catch(() => undefined); // It is awaited below, after the frames.
  let lastWords = "";
  createInterface(child.stderr).on("line", (line) => {
    // Newer versions end with what they did not do after that, which tells less.
    if (line && !line.startsWith("Error opening output file")) lastWords = line;
  });
  const stop = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", stop);
  let frames = 0;
  try {
    for await (const jpeg of readMultipartFrames(child.stdout)) {
      frames += 1;
      yield jpeg;
    }
    const code = await ended.promise.catch((error) => {
      throw new FrameSamplerError("ffmpeg-missing", cannotStart(error));
    });
    if (signal?.aborted) return;
    const saidByFfmpeg = shorten(lastWords, source) || `exit code ${code}`;
    if (frames === 0 && code === 0) throw new FrameSamplerError("source", `${source} has no pictures`);
    if (frames === 0) throw new FrameSamplerError("source", `ffmpeg cannot read ${source}: ${saidByFfmpeg}`);
    if (code !== 0) throw new FrameSamplerError("source", `ffmpeg broke off in ${source}: ${saidByFfmpeg}`);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** Whether the source comes over a network, as opposed to a file of this machine. */
export function isNetworkSource(source: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

function ffmpegArguments({ source, fps, durationMs, realtime }: FrameSamplerOptions): string[] {
  const network = isNetworkSource(source);
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error"],
    ...(realtime ? ["-re"] : []),
    ...(network && !/^rtsp/i.test(source) ? ["-rw_timeout", String(sourceTimeoutMs * 1_000)] : []),
    // A file's name may look like a protocol's.
    ...["-i", network || source.startsWith("file:") ? source : `file:${source}`],
    ...["-an", "-sn", "-dn"],
    ...(durationMs === undefined ? [] : ["-t", String(durationMs / 1_000)]),
    // JPEG has all 256 levels, most videos but 220: newer versions of ffmpeg refuse what is not converted.
    ...["-vf", `fps=${fps},scale=out_range=full`, "-strict", "unofficial"],
    // With several threads the encoder would keep a frame back for each.
    ...["-c:v", "mjpeg", "-q:v", "2", "-threads", "1"],
    ...["-flush_packets", "1", "-f", "mpjpeg", "pipe:1"],
  ];
}

function cannotStart(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") return `ffmpeg cannot be started: ${error.message}`;
  return "ffmpeg is not installed: apt-get install ffmpeg (Debian, Ubuntu) or brew install ffmpeg (macOS)";
}

/** Without the part of ffmpeg that speaks, and without the source, which the sentence names already. */
function shorten(line: string, source: string): string {
  const words = line.replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] )+/, "").replace(/^(Error opening input files?: |file:)/, "");
  return words.startsWith(`${source}: `) ? words.slice(source.length + 2) : words;
}
