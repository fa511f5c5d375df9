/** `briareus capture` as a person uses it: real videos, made and read by the real ffmpeg. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { FrameSamplerError, sampleFrames } from "../../src/producer/frame-sampler.ts";
import { type CommandResult, runCommand, startCommand } from "../command.ts";
import { type System, startSystem, until } from "../system.ts";

const patienceMs = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "briareus-capture-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("without ffmpeg it ends with 1 and says how to install it", async () => {
  const video = join(folder, "video.mp4");
  writeFileSync(video, "");
  const env = { BRIAREUS_DATA: folder, PUBSUB_EMULATOR_HOST: "127.0.0.1:1", PATH: folder };
  const { code, errors } = await runCommand(["capture", video, "--stream", "me"], env);
  expect(code).toBe(1);
  expect(errors).toBe(
    "briareus: ffmpeg is not installed: apt-get install ffmpeg (Debian, Ubuntu) or brew install ffmpeg (macOS)\n",
  );
});

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

// Who tries the project out need not have ffmpeg; where it is checked for others, it must be there.
if (hasFfmpeg || process.env.CI) {
  describe("a video", () => {
    let system: System;
    let video: string;

    beforeAll(async () => {
      if (!hasFfmpeg) throw new Error("ffmpeg is missing: apt-get install ffmpeg");
      video = join(folder, "two: scenes.mp4");
      ffmpeg(...testPicture(5), "-pix_fmt", "yuv420p", `file:${video}`);
      system = await startSystem();
    });
    afterAll(() => system?.[Symbol.asyncDispose]());

    const environment = () => ({ ...system.local.environment, BRIAREUS_DATA: process.env.BRIAREUS_DATA });
    const capture = (...args: string[]) => runCommand(["capture", "--stream", "me", ...args], environment());

    /** The verdicts of the frames that come of a capture, in the order of the video. */
    async function verdictsOf(streamId: string, count: number) {
      const found = () => [...system.verdicts.values()].flat().filter((verdict) => verdict.streamId === streamId);
      await until(
        () => found().length === count,
        patienceMs,
        () => `${found().length} verdicts instead of ${count}`,
      );
      return found().toSorted(
        (a, b) => Number.parseFloat(a.attributes.position ?? "") - Number.parseFloat(b.attributes.position ?? ""),
      );
    }

    test("becomes captures of its frames, each with its place in the video, and each gets its verdict", async () => {
      const result = await capture(video, "--fps", "2", "--stream", "file");
      expect(result).toEqual({ code: 0, output: "", errors: "10 frames published as captures of stream file\n" });
      const verdicts = await verdictsOf("file", 10);
      expect(verdicts.map(({ attributes }) => attributes)).toEqual(
        Array.from({ length: 10 }, (_, index) => ({ position: `${(index / 2).toFixed(2)} s`, video: basename(video) })),
      );
      expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["clean"]));
    });

    test("is sampled as long as asked for, at its own speed if asked for", async () => {
      const startedAtMs = Date.now();
      const { errors } = await capture(video, "--for", "2s", "--realtime");
      expect(errors).toBe("2 frames published as captures of stream me\n");
      expect(Date.now() - startedAtMs).toBeGreaterThan(1_000);
    });

    test("of more frames than are held at a time is published whole", async () => {
      const { errors } = await capture(video, "--fps", "30");
      expect(errors).toBe("150 frames published as captures of stream me\n");
    });

    test("by HLS over HTTP is sampled like a file", async () => {
      ffmpeg("-i", `file:${video}`, "-c", "copy", "-hls_time", "1", "-hls_list_size", "0", join(folder, "list.m3u8"));
      const server = createServer((request, response) => {
        createReadStream(join(folder, basename(request.url ?? "")))
          .on("error", () => response.writeHead(404).end())
          .pipe(response);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const url = `http://127.0.0.1:${port}/list.m3u8`;
      const { errors } = await capture(url, "--stream", "hls");
      const missing = await capture(`http://127.0.0.1:${port}/none.m3u8`);
      server.close();
      expect(errors).toBe("5 frames published as captures of stream hls\n");
      expect((await verdictsOf("hls", 5)).map(({ attributes }) => attributes)[1]).toEqual({ position: "1.00 s" });
      expect(missing).toMatchObject({
        code: 1,
        errors: expect.stringMatching(/^briareus: ffmpeg cannot read .*none\.m3u8: .*404.*\n$/),
      });
    });

    test("by RTMP is sampled until the broadcast ends", async () => {
      expect(await captureBroadcast("--stream", "live", "--fps", "2")).toMatchObject({
        code: 0,
        errors: expect.stringMatching(/^\d+ frames published as captures of stream live\n$/),
      });
    });

    test("by RTMP that nobody fetches ends with 3; what could not be held is left out and counted", async () => {
      const fetching = system.pid("fetch");
      process.kill(fetching, "SIGSTOP");
      const result = await captureBroadcast("--stream", "stuck", "--fps", "30", "--timeout", "2s").finally(() =>
        process.kill(fetching, "SIGCONT"),
      );
      expect(result).toMatchObject({
        code: 3,
        errors: expect.stringMatching(
          /^64 frames published .*, 64 of them not fetched .*, \d+ more left out because fetching was slower than the source\n$/,
        ),
      });
    });

    test("is let go of at Ctrl-C: what was published is fetched, and ffmpeg ends", async () => {
      const { child, result } = startCommand(["capture", video, "--stream", "cut", "--realtime"], environment());
      await until(
        () => [...system.verdicts.values()].flat().some(({ streamId }) => streamId === "cut"),
        patienceMs,
        () => "no frame came",
      );
      child.kill("SIGINT");
      expect(await result).toMatchObject({
        code: 0,
        errors: expect.stringMatching(/^\d frames? published as captures of stream cut\n$/),
      });
    });

    test.each([
      ["that does not exist", "FOLDER/nowhere.mp4", 2, /^briareus: there is no file FOLDER\/nowhere\.mp4; nothing was/],
      [
        "that is none",
        "FOLDER/words.mp4",
        1,
        /^briareus: ffmpeg cannot read FOLDER\/words\.mp4: Invalid data found .*/,
      ],
      ["that nobody serves", "rtmp://127.0.0.1:1/a/b", 1, /^briareus: ffmpeg cannot read rtmp:.*: Connection refused/],
    ])("%s: one sentence says so", async (_, source, exitCode, sentence) => {
      writeFileSync(join(folder, "words.mp4"), "Words, whatever the name of the file says.");
      const { code, errors } = await capture(source.replace("FOLDER", folder));
      expect(code).toBe(exitCode);
      expect(errors.replaceAll(folder, "FOLDER").trimEnd().split("\n")).toEqual([expect.stringMatching(sentence)]);
    });

    test("with sound alone has no frames: an error of the source", async () => {
      const sound = join(folder, "sound.wav");
      ffmpeg("-f", "lavfi", "-i", "sine=duration=1", sound);
      await expect(sampleFrames({ source: sound, fps: 1 }).next()).rejects.toThrow(FrameSamplerError);
    });

    test("whose frames are not taken any more ends ffmpeg", async () => {
      const frames = sampleFrames({ source: video, fps: 25 });
      const { value } = await frames.next();
      expect(value?.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
      await frames.return(undefined);
      expect(await frames.next()).toEqual({ done: true, value: undefined });
    });

    /** Broadcasts four seconds by RTMP to the first who asks, and captures them. */
    async function captureBroadcast(...args: string[]): Promise<CommandResult> {
      const url = `rtmp://127.0.0.1:${await freePort()}/live/x`;
      const broadcast = spawn("ffmpeg", ["-re", ...testPicture(4), "-f", "flv", "-listen", "1", url], {
        stdio: "ignore",
      });
      try {
        return await firstAnswer(() => capture(url, ...args), broadcast);
      } finally {
        broadcast.kill("SIGKILL");
      }
    }
  });
}

/** A player that comes before the broadcaster listens is refused, and comes again. */
async function firstAnswer(play: () => Promise<CommandResult>, broadcast: ChildProcess): Promise<CommandResult> {
  for (;;) {
    const result = await play();
    if (!result.errors.includes("Connection refused") || broadcast.exitCode !== null) return result;
  }
}

const testPicture = (seconds: number) => ["-f", "lavfi", "-i", `testsrc=duration=${seconds}:size=320x240:rate=30`];

function ffmpeg(...args: string[]): void {
  const { status, stderr } = spawnSync("ffmpeg", ["-loglevel", "error", "-y", ...args]);
  if (status !== 0) throw new Error(`ffmpeg cannot make the test's video: ${stderr}`);
}
