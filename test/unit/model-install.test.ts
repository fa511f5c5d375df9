import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configText, type ModelSettings } from "../../src/models/repository/config-text.ts";
import { stageVersion } from "../../src/models/repository/stage-version.ts";

const settings: ModelSettings = {
  name: "faces",
  backend: "onnxruntime",
  input: { name: "images", datatype: "UINT8", dims: [224, 224, 3] },
  output: { name: "scores", datatype: "FP32", dims: [2] },
  labels: ["calm", "angry"],
  maxBatchSize: 16,
  maxQueueDelayMicroseconds: 2_000,
  maxQueueSize: 32,
  instances: 1,
};

describe("a new version", () => {
  let folder: string;
  let repository: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "briareus-install-"));
    repository = join(folder, "models");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const everything = async () => (await readdir(folder, { recursive: true })).toSorted();
  const put = async (content: string, changes: Partial<ModelSettings> = {}, number = async () => {}) => {
    await using staged = await stageVersion(repository, "faces");
    await writeFile(join(staged.folder, "model.onnx"), content);
    return await staged.install(configText({ ...settings, ...changes }), number);
  };

  test("of a new model comes with its config.pbtxt, later ones beside it", async () => {
    expect(await put("first")).toEqual({ version: 1, configKept: false });
    expect(await put("second", { maxBatchSize: 32 })).toEqual({ version: 2, configKept: true });
    expect(await everything()).toEqual([
      "models",
      "models/faces",
      "models/faces/1",
      "models/faces/1/model.onnx",
      "models/faces/2",
      "models/faces/2/model.onnx",
      "models/faces/config.pbtxt",
    ]);
    expect(await readFile(join(repository, "faces/config.pbtxt"), "utf8")).toBe(configText(settings));
  });

  test("follows the highest number, gaps and all", async () => {
    await mkdir(join(repository, "faces/41"), { recursive: true });
    expect(await put("next")).toEqual({ version: 42, configKept: false });
    expect(await readFile(join(repository, "faces/config.pbtxt"), "utf8")).toBe(configText(settings));
  });

  test("of several that come at once has a number of its own", async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, (_, index) => put(`${index}`)));
    expect(versions.map(({ version }) => version).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const contents = await Promise.all(
      versions.map(({ version }) => readFile(join(repository, "faces", String(version), "model.onnx"), "utf8")),
    );
    expect(contents).toEqual(Array.from({ length: 8 }, (_, index) => `${index}`));
  });

  test("that fails on the way leaves the repository as it was", async () => {
    await put("first");
    const before = await everything();
    const diskFull = async () => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    await expect(put("second", {}, diskFull)).rejects.toThrow("no space");
    expect(await everything()).toEqual(before);
  });

  test("of a new model that fails on the way leaves nothing", async () => {
    const interrupted = async () => {
      throw new Error("stopped");
    };
    await expect(put("first", {}, interrupted)).rejects.toThrow("stopped");
    expect(await everything()).toEqual(["models"]);
  });

  test("that takes or gives something else is refused, naming both", async () => {
    await put("first");
    const before = await everything();
    await expect(put("second", { labels: ["angry", "calm"] })).rejects.toThrow(
      "versions of one model must be alike, and faces has labels calm,angry, the new version angry,calm: take another --name",
    );
    const input = { ...settings.input, dims: [96, 96, 3] };
    await expect(put("second", { input, backend: "tensorrt" })).rejects.toThrow(
      'has backend onnxruntime, the new version tensorrt; has input "images" TYPE_UINT8 [224, 224, 3], the new version "images" TYPE_UINT8 [96, 96, 3]',
    );
    expect(await everything()).toEqual(before);
  });

  test("is refused where the model's config.pbtxt cannot be read, naming the line", async () => {
    await mkdir(join(repository, "faces"), { recursive: true });
    await writeFile(join(repository, "faces/config.pbtxt"), 'name: "faces"\ninput [ {');
    await expect(put("first")).rejects.toThrow("faces/config.pbtxt: line 2:");
  });

  test("whose maker was killed is cleared away a day later", async () => {
    await put("first");
    const left = join(folder, ".briareus-staging-1-deadbeef");
    const fresh = join(folder, ".briareus-staging-2-deadbeef");
    for (const each of [left, fresh]) await mkdir(join(each, "version"), { recursive: true });
    const twoDaysAgo = new Date(Date.now() - 48 * 3_600_000);
    await utimes(left, twoDaysAgo, twoDaysAgo);
    await put("second");
    expect(await readdir(folder)).toEqual([".briareus-staging-2-deadbeef", "models"]);
  });

  test("that is not promoted is put aside whole", async () => {
    const aside = join(folder, "not-promoted/faces");
    {
      await using staged = await stageVersion(repository, "faces");
      await writeFile(join(staged.folder, "model.onnx"), "poor");
      await staged.keep(aside);
    }
    expect(await readFile(join(aside, "model.onnx"), "utf8")).toBe("poor");
    expect(await readdir(repository)).toEqual([]);
  });
});
