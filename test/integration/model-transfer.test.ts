/** Models on their way to a server: from a folder, a web server and Cloud Storage. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configText } from "../../src/models/repository/config-text.ts";
import { fileHash } from "../../src/models/repository/folder-hash.ts";
import { runCommand } from "../command.ts";
import { fakeGcsIsWanted, startFakeGcs } from "../fake-gcs/start-fake-gcs.ts";

let folder: string;
let place: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "briareus-transfer-"));
  place = join(folder, "bucket/faces/3");
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "model.onnx"), "a model");
  const files = { "model.onnx": await fileHash(join(place, "model.onnx")) };
  const source = { name: "faces", sha256: "0".repeat(64) };
  const manifest = {
    model: "faces",
    version: 3,
    backend: "onnxruntime",
    precision: "fp16",
    source,
    labels: ["a", "b"],
  };
  const createdAt = "2026-11-20T00:00:00Z";
  await writeFile(join(place, "manifest.json"), JSON.stringify({ ...manifest, createdAt, tools: {}, files }));
  const config = configText({
    ...{ name: "faces", backend: "onnxruntime", labels: ["a", "b"], instances: 1 },
    ...{ maxBatchSize: 16, maxQueueDelayMicroseconds: 2_000, maxQueueSize: 32 },
    input: { name: "images", datatype: "UINT8", dims: [224, 224, 3] },
    output: { name: "scores", datatype: "FP32", dims: [2] },
  });
  await writeFile(join(place, "../config.pbtxt"), `${config}# tuned by hand\n`);
});
afterEach(() => rm(folder, { recursive: true }));

const fetchTo = (uri: string, ...options: string[]) =>
  runCommand(["model", "fetch", uri, "--name=calm", `--into=${join(folder, "models")}`, ...options], {
    STORAGE_EMULATOR_HOST: process.env.STORAGE_EMULATOR_HOST,
  });
const fetched = async () => (await readdir(join(folder, "models"), { recursive: true }).catch(() => [])).toSorted();

describe("a version that is fetched", () => {
  test("lies in the repository under its new name, with the limits asked for and all else as it was", async () => {
    const limits = ["--max-batch=8", "--max-delay=500", "--max-queue=9"];
    expect(await fetchTo(place, ...limits)).toMatchObject({ code: 0 });
    expect(await fetched()).toEqual([
      "calm",
      "calm/3",
      "calm/3/manifest.json",
      "calm/3/model.onnx",
      "calm/config.pbtxt",
    ]);
    const config = await readFile(join(folder, "models/calm/config.pbtxt"), "utf8");
    for (const line of ['name: "calm"', "max_batch_size: 8", "max_queue_size: 9", "# tuned by hand"])
      expect(config).toContain(line);
    expect(config).toContain("preferred_batch_size: [ 8 ]");
    expect(config).toContain("max_queue_delay_microseconds: 500");
    expect(config.match(/batch_size: 16/)).toBeNull();
  });

  test("that is damaged on its way leaves nothing that a server would load", async () => {
    await writeFile(join(place, "model.onnx"), "half a mod");
    const { code, errors } = await fetchTo(place);
    expect(code).toBe(1);
    expect(errors).toContain("is not the file that manifest.json describes");
    expect((await fetched()).filter((name) => name.includes("config.pbtxt") || name === "calm/3")).toEqual([]);
  });

  test("of another precision or backend is refused with what to do", async () => {
    expect((await fetchTo(place, "--precision=fp32")).errors).toContain("set precision: fp16, or convert it again");
    expect((await fetchTo(place, "--backend=python")).errors).toContain("set backend: onnxruntime");
  });

  test("whose manifest names a file outside its folder writes nothing there", async () => {
    const manifest = JSON.parse(await readFile(join(place, "manifest.json"), "utf8"));
    manifest.files = { "../../../outside": "0" };
    await writeFile(join(place, "manifest.json"), JSON.stringify(manifest));
    expect((await fetchTo(place)).errors).toContain("names a file outside");
  });

  test("may come from a web server, which says so where it has none", async () => {
    const server = createServer(async ({ url = "" }, response) => {
      const file = await readFile(join(folder, "bucket", url)).catch(() => undefined);
      response.writeHead(file ? 200 : 404).end(file);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await fetchTo(`${root}/faces/3`)).toMatchObject({ code: 0 });
    expect((await fetchTo(`${root}/faces/4`)).errors).toContain(`${root}/faces/4 holds no manifest.json`);
    server.close();
    expect((await fetchTo("http://127.0.0.1:1/faces/3")).errors).toContain("cannot be reached");
  });
});

if (await fakeGcsIsWanted())
  test("a version goes to Cloud Storage and comes back; whoever finds it there fetches nothing else", async () => {
    const gcs = await startFakeGcs();
    process.env.STORAGE_EMULATOR_HOST = gcs.url;
    const env = { STORAGE_EMULATOR_HOST: gcs.url };
    const engine = `gs://${gcs.bucket}/engines/faces/fp16`;
    try {
      expect((await fetchTo(engine)).errors).toContain("holds no manifest.json");
      const push = () => runCommand(["model", "push", join(folder, "bucket/faces"), engine], env);
      expect(await push()).toMatchObject({ code: 0 });
      expect((await push()).errors).toContain("is there already");
      const nowhere = ["--unless", engine, `--unless-into=${join(folder, "engines")}`];
      expect(await fetchTo("gs://no-such-bucket/faces/3", ...nowhere)).toMatchObject({ code: 0 });
      expect(await fetched()).toEqual([]);
      expect((await readdir(join(folder, "engines/calm"))).toSorted()).toEqual(["3", "config.pbtxt"]);
      expect(await fetchTo(engine)).toMatchObject({ code: 0 });
      expect((await fetchTo("gs://no-such-bucket/faces/3")).errors).toMatch(
        /gs:\/\/no-such-bucket\/faces\/3.*no bucket/,
      );
    } finally {
      delete process.env.STORAGE_EMULATOR_HOST;
      await gcs.stop();
    }
  }, 300_000);
