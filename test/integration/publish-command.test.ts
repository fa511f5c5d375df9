/** `briareus publish` as a person uses it, on a system that runs. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Verdict } from "../../src/capture/verdict.ts";
import { startPubSubEmulator } from "../../src/local/pubsub-emulator/server.ts";
import { type CommandResult, runCommand, startCommand } from "../command.ts";
import { encodings, quarters } from "../pictures.ts";
import { type System, startSystem, until } from "../system.ts";

const patienceMs = 60_000;
const noPicture = "Words, whatever the name of the file says.";

let system: System;
let folder: string;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system[Symbol.asyncDispose]());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "briareus-publish-"));
  return () => rmSync(folder, { recursive: true });
});

const environment = () => ({ ...system.local.environment, BRIAREUS_DATA: process.env.BRIAREUS_DATA });
const publish = (...args: string[]) => runCommand(["publish", "--stream", "me", ...args], environment());

/** The table's rows by picture: verdict, then reason or top finding. */
function rowsOf({ output }: CommandResult): Record<string, readonly [verdict: string, why: string]> {
  const rows = output.split("\n").flatMap((line) => {
    const [, name, verdict, why] =
      /^(.*?) +(clean|flagged|unprocessable|expired|none) +(.*?) +(?:\d\.\d\d|–) +\S+$/.exec(line) ?? [];
    return name && verdict && why ? [[name, [verdict, why]] as const] : [];
  });
  return Object.fromEntries(rows);
}

async function temporarySubscriptions(): Promise<string[]> {
  const [subscriptions] = await system.pubsub.getSubscriptions();
  return subscriptions.map(({ name }) => name.split("/").at(-1) ?? "").filter((name) => name.startsWith("publish-"));
}

/** Runs something while ingress stands still, so that no capture gets its verdict. */
async function withoutVerdicts<T>(run: () => Promise<T>): Promise<T> {
  const ingress = system.pid("ingress");
  process.kill(ingress, "SIGSTOP");
  try {
    return await run();
  } finally {
    process.kill(ingress, "SIGCONT");
  }
}

describe("a folder of pictures that is waited for", () => {
  test("gets a row for each, corrupt ones included, and what is named otherwise is skipped with a note", async () => {
    mkdirSync(join(folder, "deeper"));
    mkdirSync(join(folder, ".hidden"));
    for (const [name, encode] of Object.entries(encodings)) {
      const extension = name.split(" ").at(-1)?.replace("jpeg", "JPG");
      writeFileSync(join(folder, name.includes(" ") ? "deeper" : "", `${name}.${extension}`), await encode());
    }
    writeFileSync(join(folder, "scan.tiff"), await quarters().tiff().toBuffer());
    const large = await quarters().resize(1200).jpeg({ quality: 100 }).toBuffer();
    writeFileSync(join(folder, "truncated.jpg"), large.subarray(0, large.length / 2));
    writeFileSync(join(folder, "words.jpg"), noPicture);
    writeFileSync(join(folder, "nothing.png"), "");
    writeFileSync(join(folder, "notes.txt"), noPicture);
    writeFileSync(join(folder, ".hidden", "thumbnail.jpg"), noPicture);
    symlinkSync(join(folder, "words.jpg"), join(folder, "link.jpg"));
    symlinkSync(folder, join(folder, "loop.jpg"));

    const result = await publish(folder, "--wait");
    expect(result.errors).toBe(
      "skipped 1 not named like pictures: notes.txt\n14 pictures of stream me: 9 clean, 5 unprocessable\n",
    );
    expect(result.code).toBe(0);
    const clean = ["clean", expect.any(String)];
    expect(rowsOf(result)).toEqual({
      "jpeg.JPG": clean,
      "png.png": clean,
      "webp.webp": clean,
      "avif.avif": clean,
      "gif.gif": clean,
      "deeper/progressive jpeg.JPG": clean,
      "deeper/interlaced png.png": clean,
      "deeper/palette png.png": clean,
      "deeper/lossless webp.webp": clean,
      "scan.tiff": ["unprocessable", "unsupported-format"],
      "truncated.jpg": ["unprocessable", "image-corrupt"],
      "words.jpg": ["unprocessable", "wrong-type"],
      "link.jpg": ["unprocessable", "wrong-type"],
      "nothing.png": ["unprocessable", "image-empty"],
    });
    expect(await temporarySubscriptions()).toEqual([]);
  });

  test("may hold more pictures than are published at a time", async () => {
    for (let number = 0; number < 600; number++) writeFileSync(join(folder, `${number}.jpg`), noPicture);
    const result = await publish(folder, "--wait");
    expect(result.errors).toBe("600 pictures of stream me: 600 unprocessable\n");
    expect(Object.keys(rowsOf(result))).toHaveLength(600);
  });
});

test("files and URLs that are named are published whatever they are, with verdicts as JSON lines", async () => {
  const words = join(folder, "notes.txt");
  writeFileSync(words, noPicture);
  const url = `http://${system.pictureAddress}/room.jpg`;
  const stream = 'a "quoted" \\ stream';
  const { code, output } = await publish(words, url, "ftp://nobody/x.jpg", "--stream", stream, "--wait", "--json");
  expect(code).toBe(0);
  const lines: Record<string, unknown>[] = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const verdicts = Object.fromEntries(lines.map((line) => [line.picture, Verdict.parse(line)]));
  expect(verdicts).toMatchObject({
    [words]: { reason: "wrong-type", streamId: stream, attributes: { picture: "notes.txt" } },
    [url]: { verdict: "clean", imageUri: url, attributes: {} },
    "ftp://nobody/x.jpg": { reason: "unsupported-scheme" },
  });
});

test("without --wait it ends when the pictures are fetched, and they get their verdicts", async () => {
  writeFileSync(join(folder, "1.jpg"), await encodings.jpeg());
  writeFileSync(join(folder, "2.jpg"), await encodings.jpeg());
  const { code, output, errors } = await publish(folder, "--json");
  expect({ code, errors }).toEqual({ code: 0, errors: "2 pictures published as captures of stream me\n" });
  const lines: { picture: string; captureId: string }[] = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ picture }) => picture).toSorted()).toEqual(["1.jpg", "2.jpg"]);
  const verdicts = await system.untilVerdicts(
    lines.map(({ captureId }) => captureId),
    patienceMs,
  );
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(["clean", "clean"]);
});

test("a picture that the system turns down before its end counts as fetched", async () => {
  const large = join(folder, "large.jpg");
  writeFileSync(large, "");
  truncateSync(large, 30 * 2 ** 20);
  const { code, errors } = await publish(large);
  expect({ code, errors }).toEqual({ code: 0, errors: "1 picture published as captures of stream me\n" });
});

describe("ends with 3", () => {
  test("when a picture has no verdict in time, and says which", async () => {
    writeFileSync(join(folder, "late.jpg"), noPicture);
    const result = await withoutVerdicts(() => publish(folder, "--wait", "--timeout", "1s"));
    expect(result).toMatchObject({ code: 3, errors: "1 picture of stream me: 1 without a verdict\n" });
    expect(rowsOf(result)).toEqual({ "late.jpg": ["none", "no verdict in time"] });
    expect(await temporarySubscriptions()).toEqual([]);
  });

  test("when a picture was not fetched in time", async () => {
    writeFileSync(join(folder, "late.jpg"), noPicture);
    const { code, errors } = await withoutVerdicts(() => publish(folder, "--timeout", "1s"));
    expect(code).toBe(3);
    expect(errors).toContain("1 of them not fetched");
  });

  test("at Ctrl-C before all verdicts are there; its subscription is deleted", async () => {
    writeFileSync(join(folder, "late.jpg"), noPicture);
    const result = await withoutVerdicts(async () => {
      const command = startCommand(["publish", folder, "--stream", "me", "--wait"], environment());
      await until(
        async () => (await temporarySubscriptions()).length === 1,
        20_000,
        () => "no subscription",
      );
      command.child.kill("SIGINT");
      return await command.result;
    });
    expect(result).toMatchObject({ code: 3, errors: "1 picture of stream me: 1 without a verdict\n" });
    expect(await temporarySubscriptions()).toEqual([]);
  });
});

describe("wrong use ends with 2, says what is wrong in one line, and publishes nothing:", () => {
  test.each([
    ["a path that does not exist", ["FOLDER/nowhere.jpg"], "there is no file or folder FOLDER/nowhere.jpg"],
    ["a folder without files", ["FOLDER/empty"], "there is no picture in FOLDER/empty: it holds no files"],
    [
      "a folder without pictures",
      ["FOLDER/text"],
      "there is no picture in FOLDER/text: by their extensions its files are something else (notes.txt)",
    ],
    ["what is no file", ["/dev/null"], "/dev/null is neither a file nor a folder"],
    [
      "one of several",
      ["https://pictures.example/1.jpg", "FOLDER/nowhere.jpg"],
      "there is no file or folder FOLDER/nowhere.jpg",
    ],
    [
      "an address of another machine",
      ["FOLDER/text/notes.txt", "--serve-host", "203.0.113.9"],
      "pictures cannot be served on 203.0.113.9: it is not an address of this machine",
    ],
  ])("%s", async (_, args, sentence) => {
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "text"));
    writeFileSync(join(folder, "text", "notes.txt"), noPicture);
    const there = (text: string) => text.replace("FOLDER", folder);
    const { code, output, errors } = await publish(...args.map(there), "--wait");
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors.trimEnd().split("\n")).toEqual([expect.stringContaining(`briareus: ${there(sentence)}`)]);
  });

  test("where no system runs", async () => {
    const { code, errors } = await runCommand(["publish", "https://h/1.jpg", "--stream", "me"], {
      BRIAREUS_DATA: folder,
    });
    expect(code).toBe(2);
    expect(errors).toMatch(/^briareus: there is nothing to publish to: start `briareus up` .*\n$/);
  });
});

describe("ends with 1, and one line that says why,", () => {
  test("when Pub/Sub does not answer", async () => {
    const env = { BRIAREUS_DATA: folder, PUBSUB_EMULATOR_HOST: "127.0.0.1:1" }; // Nobody listens on port 1.
    const args = ["publish", "https://h/1.jpg", "--stream", "me", "--timeout", "1s"];
    const results = [await runCommand([...args, "--wait"], env), await runCommand(args, env)];
    expect(results.map(({ code }) => code)).toEqual([1, 1]);
    expect(results.map(({ errors }) => errors)).toEqual([
      "briareus: Pub/Sub at 127.0.0.1:1 does not answer: is the system running? `briareus doctor` tells more\n",
      expect.stringMatching(/^briareus: Pub\/Sub did not take capture ".*": .*\n$/),
    ]);
  });

  test("when there are no topics", async () => {
    const emulator = await startPubSubEmulator({ port: 0 });
    const env = { BRIAREUS_DATA: folder, PUBSUB_EMULATOR_HOST: emulator.address };
    const args = ["publish", "https://h/1.jpg", "--stream", "me"];
    const results = [await runCommand([...args, "--wait"], env), await runCommand(args, env)];
    await emulator.stop();
    expect(results.map(({ code }) => code)).toEqual([1, 1]);
    expect(results.map(({ errors }) => errors)).toEqual([
      `briareus: Pub/Sub at ${emulator.address} has no topic "verdicts": is the system running? \`briareus doctor\` tells more\n`,
      expect.stringMatching(/^briareus: Pub\/Sub did not take capture ".*" \(is there a topic "captures"\?\): .*\n$/),
    ]);
  });
});
