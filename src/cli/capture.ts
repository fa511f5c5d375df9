import { Command, Option } from "commander";
import { exitCodes, report } from "./exit.ts";
import { parseDuration, parseStreamId, positiveNumber } from "./parse-options.ts";
import { type CaptureOptions, runCapture } from "./run-capture.ts";

export const captureCommand = new Command("capture")
  .description("Sample frames of a video or a live source with ffmpeg, and publish them as captures")
  .argument("<video>", "a file, or the URL of a file, an HLS playlist, or an RTMP or other source that ffmpeg reads")
  .requiredOption("--stream <id>", "the stream that the frames belong to", parseStreamId)
  .option("--fps <f>", "frames per second of the video's time", positiveNumber(60), 1)
  .option("--for <duration>", "so much of the video's time (30s, 5m, 1h); absent: to its end", parseDuration)
  .option("--realtime", "a file at the speed at which it is shown, not as fast as the system takes it")
  .addOption(
    new Option("--timeout <duration>", "give up when no frame was fetched for so long")
      .argParser(parseDuration)
      .default(60_000, "1m"),
  )
  .option("--serve-host <address>", "address of this machine at which the system fetches the frames", "127.0.0.1")
  .addHelpText(
    "after",
    `
Examples:
  briareus capture match.mp4 --stream match --fps 0.5
  briareus capture https://live.example/42/index.m3u8 --stream 42 --for 5m
  briareus capture rtmp://live.example/app/42 --stream 42

Needs ffmpeg on the path. Ctrl-C ends it. Frames are served from memory by this command until they were fetched; a
system on another machine needs --serve-host. Frames of RTMP and other broadcasts that come faster than they are
fetched are left out, and counted.
Ends with ${exitCodes.incomplete} when a frame was not fetched.`,
  )
  .action(async (video: string, options: CaptureOptions) => {
    process.exit(await runCapture(video, options).catch(report)); // What was not sent in time must not keep it alive.
  });
