/** `briareus model compare` on real models: files, folders of a repository, and servers. */
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { samplePicture } from "../../src/local/sample-streams/pictures.ts";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import { type ModelServer, startModelServer } from "../../src/model-server/start-model-server.ts";
import { type ComparisonPictures, compareModels, gate } from "../../src/models/compare/compare-models.ts";
import { loadPolicy, parsePolicy } from "../../src/policy/load-policy.ts";
import { type CommandResult, runCommand } from "../command.ts";
import { demoRepository } from "../models.ts";
import { coarser, colourConfig, colourModel, type ModelFolder, modelFolder, plainPicture } from "./compared-models.ts";

let folder: ModelFolder;
beforeAll(async () => {
  folder = await modelFolder();
  await folder.write("colours/config.pbtxt", colourConfig("colours"));
  await folder.write("colours/1/model.onnx", colourModel());
  await folder.write("colours/2/model.onnx", colourModel({ factor: 0.99 }));
  await folder.write("gap/config.pbtxt", colourConfig("gap"));
  await folder.write("gap/2/readme.txt", "no model");
  await folder.write("pictures/a/red.png", await plainPicture(204));
  await folder.write("pictures/b.png", await plainPicture(128));
  await folder.write("pictures/c.png", await plainPicture(0, 100));
  await folder.write("policy.yaml", policyText("red"));
});
afterAll(() => folder[Symbol.asyncDispose]());

const policyText = (label: string, model = "colours") =>
  `version: colours-1\ncategories:\n  redness: { severity: high, labels: [{ model: ${model}, label: ${label}, threshold: 0.8 }] }\n`;

const policy = parsePolicy(policyText("red"), "policy.yaml");

/** As a person would, in the folder's own paths. */
async function compare(...args: string[]): Promise<CommandResult> {
  return await runCommand(["model", "compare", ...args], { BRIAREUS_DATA: folder.path("data") });
}

async function* pictures(...colours: number[][]): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
  for (const colour of colours) {
    const [red = 0, green, blue] = colour;
    yield { name: colour.join(), bytes: await plainPicture(red, green, blue) };
  }
}
const source = (...colours: number[][]): ComparisonPictures => ({
  description: "colours",
  read: () => pictures(...colours),
});

describe("the demo model", () => {
  beforeAll(async () => {
    await ensureDemoModel(demoRepository);
    await folder.write("nsfw/config.pbtxt", await readFile(join(demoRepository, "nsfw/config.pbtxt")));
    await symlink(join(demoRepository, "nsfw/1"), folder.path("nsfw/1"));
    await folder.write("nsfw/2/model.onnx", await coarser(join(demoRepository, "nsfw/1/model.onnx"), 10));
    await folder.write("rough.onnx", await coarser(join(demoRepository, "nsfw/1/model.onnx"), 3));
  });

  const generated = (count: number): ComparisonPictures => ({
    description: `${count} pictures`,
    async *read() {
      for (let seed = 1; seed <= count; seed++)
        yield { name: `skin ${seed}`, bytes: await samplePicture("skin", seed) };
    },
  });

  test("does not differ from itself", async () => {
    const nsfw = folder.path("nsfw/1");
    const { classes, changed, ranks } = await compareModels(nsfw, nsfw, generated(4), undefined);
    expect(classes.map(({ fromDecimal }) => fromDecimal)).toEqual([null, null, null, null, null]);
    expect([changed.count, ranks.top, ranks.order]).toEqual([0, 0, 0]);
  });

  test("with the weights of fp16 differs from the 2nd decimal on, and no verdict changes", async () => {
    const nsfw = await loadPolicy("policies/nsfw.yaml");
    const comparison = await compareModels(folder.path("nsfw/1"), folder.path("nsfw"), generated(8), nsfw);
    expect(comparison.b.version).toBe("2");
    expect(comparison.labels).toEqual(["Drawing", "Hentai", "Neutral", "Porn", "Sexy"]);
    const places = comparison.classes.map(({ fromDecimal }) => fromDecimal ?? 99);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...places)).toBeLessThan(8);
    expect(comparison.changed.count).toBe(0);
    expect(gate(comparison, 0)).toBeUndefined();
  });

  test("with three bits a weight is refused by the gate, and the page has the pictures that it judges otherwise", async () => {
    const [json, html] = [folder.path("rough.json"), folder.path("rough.html")];
    const args = ["--generated", "24", "--max-changed", "0.1%", `--json=${json}`, "--html", html];
    const { code, output, errors } = await compare(folder.path("nsfw/1"), folder.path("rough.onnx"), ...args);
    expect(errors).toMatch(
      /rough\.onnx may not take the place of .*nsfw\/1: \d+ of 24 pictures .* have another top label/,
    );
    expect(code).toBe(1);
    expect(output).toMatch(/^Neutral +0\.\d+ /m);
    const report = JSON.parse(await readFile(json, "utf8"));
    expect(report.changed.count).toBeGreaterThan(0);
    expect(report.changed.pictures).toHaveLength(report.changed.count);
    const page = await readFile(html, "utf8");
    expect(page.match(/src="data:image\/jpeg;base64,\/9j\//g)).toHaveLength(report.changed.count);
    expect(page).toContain("Not accepted");
  });
});

describe("a folder of pictures", () => {
  test("is compared in the order of names, as the policy judges them", async () => {
    const { code, output } = await compare(
      ...[folder.path("colours/1"), folder.path("colours/2"), "--images", folder.path("pictures")],
      ...["--policy", folder.path("policy.yaml"), "--json"],
    );
    expect(code).toBe(0);
    const { changed, thresholds, pictures, classes } = JSON.parse(output);
    expect(pictures).toMatchObject({ compared: 3, unreadable: [] });
    expect(changed.pictures).toMatchObject([{ name: "a/red.png", a: "redness", b: "clean" }]);
    expect(thresholds).toMatchObject([{ category: "redness", near: 1, crossed: 1 }]);
    expect(classes[0]).toMatchObject({ label: "red", fromDecimal: 2 });
    expect(classes[0].largest).toBeCloseTo(0.008, 5);
  });

  test("that has unreadable ones names and counts them, and goes on", async () => {
    await folder.write("mixed/good.png", await plainPicture(200));
    await folder.write("mixed/cut.png", (await plainPicture(200)).subarray(0, 60));
    await folder.write("mixed/empty.jpg", "");
    await folder.write("mixed/page.jpg", "<html>not found</html>");
    await folder.write("mixed/readme.txt", "no picture");
    await folder.write("mixed/.hidden.jpg", "");
    await folder.write("mixed/named-otherwise", await plainPicture(100));
    const { code, output, errors } = await compare(
      ...[folder.path("colours/1"), folder.path("colours/2"), "--images", folder.path("mixed")],
    );
    expect(code).toBe(0);
    expect(output).toContain("2 compared, 3 unreadable");
    expect(errors).toMatch(/unreadable: cut\.png: the png image is damaged/);
    expect(errors).toMatch(/unreadable: empty\.jpg: the image has no bytes/);
    expect(errors).toMatch(/unreadable: page\.jpg: the bytes are no JPEG/);
    expect(errors).not.toContain("hidden");
  });

  test("without pictures is refused", async () => {
    await folder.write("none/readme.txt", "no picture");
    const { code, errors } = await compare("a.onnx", "b.onnx", "--images", folder.path("none"));
    expect(code).toBe(2);
    expect(errors).toMatch(/there are no pictures \(JPEG.*\) in .*none/);
  });
});

describe("what does not fit together ends with 2 and both sides:", () => {
  const generated = ["--generated", "1"];

  test("labels that the policy names and the models lack", async () => {
    const file = await folder.write("crimson.yaml", policyText("crimson"));
    const { code, errors } = await compare(
      folder.path("colours"),
      folder.path("colours/1"),
      "--policy",
      file,
      ...generated,
    );
    expect(code).toBe(2);
    expect(errors).toContain('names crimson of model "colours", whose labels are red, green, blue');
  });

  test("models with other labels, or for pictures of another size", async () => {
    await folder.write("paints/config.pbtxt", colourConfig("paints", "scarlet,green,blue"));
    await folder.write("paints/1/model.onnx", colourModel());
    const large = await folder.write("large.onnx", colourModel({ side: 16 }));
    const labels = await compare(folder.path("colours"), folder.path("paints"), ...generated);
    expect(labels.errors).toMatch(/different labels: .*colours red, green, blue; .*paints scarlet, green, blue/);
    const sizes = await compare(folder.path("colours"), large, ...generated);
    expect(sizes.errors).toMatch(/different sizes: .*colours 8x8; .*large\.onnx 16x16/);
    expect([labels.code, sizes.code]).toEqual([2, 2]);
  });

  test.each([
    ["a folder without config.pbtxt", "pictures", /pictures has no config\.pbtxt; it must be an \.onnx file/],
    ["a version that is not there", "colours/7", /colours\/7 is not there/],
    ["a version without its file", "gap/2", /gap\/2: there is no file .*gap\/2\/model\.onnx/],
    ["nothing", "nowhere", /nowhere is not there; it must be an \.onnx file/],
    ["a file that is no model", "policy.yaml", /policy\.yaml: .*(protobuf|parse|failed)/i],
  ])("%s", async (_, path, words) => {
    await expect(compareModels(folder.path("colours"), folder.path(path), source([1]), undefined)).rejects.toThrow(
      expect.objectContaining({ code: "wrong-input", message: expect.stringMatching(words) }),
    );
  });
});

test("a picture that only one model can score is changed, and told of", async () => {
  const broken = await folder.write("broken.onnx", colourModel({ nanForBlack: true }));
  const { changed, notFinite, classes } = await compareModels(
    ...([folder.path("colours/1"), broken, source([0, 0, 0], [10, 20, 30])] as const),
    policy,
  );
  expect(notFinite).toEqual({ a: 0, b: 1 });
  expect(changed.pictures).toMatchObject([{ name: "0,0,0", a: "clean", b: "unprocessable" }]);
  expect(classes.every(({ largest }) => largest === 0)).toBe(true);
});

describe("a model on a server", () => {
  let server: ModelServer;
  beforeAll(async () => {
    await folder.write("served/nan/config.pbtxt", colourConfig("nan"));
    await folder.write("served/nan/1/model.onnx", colourModel({ nanForBlack: true }));
    const tight = "dynamic_batching { max_queue_delay_microseconds: 50000 default_queue_policy { max_queue_size: 1 } }";
    await folder.write("served/tight/config.pbtxt", `${colourConfig("tight")}${tight}\n`);
    await folder.write("served/tight/1/model.onnx", colourModel());
    await symlink(folder.path("colours"), folder.path("served/colours"));
    server = await startModelServer({ repository: folder.path("served"), threads: 1 });
  });
  afterAll(() => server.stop());

  test("is compared in the version that is named, else the newest", async () => {
    const at = `${server.grpcAddress}/colours`;
    const newest = await compareModels(folder.path("colours/2"), at, source([200], [0, 9, 8]), policy);
    expect(newest.b).toMatchObject({ version: "2", reference: at });
    expect(newest.classes.map(({ largest }) => largest)).toEqual([0, 0, 0]);
    const first = await compareModels(folder.path("colours/1"), `${at}/1`, source([200]), policy);
    expect(first.b.version).toBe("1");
    expect(first.classes[0]?.largest).toBe(0);
  });

  test("may give NaN, as one in a file may", async () => {
    const { notFinite } = await compareModels(
      ...([folder.path("colours/1"), `${server.grpcAddress}/nan`, source([0, 0, 0], [10, 20, 30])] as const),
      undefined,
    );
    expect(notFinite).toEqual({ a: 0, b: 1 });
  });

  test("whose queue is full is asked again later", async () => {
    const { pictures } = await compareModels(
      ...([folder.path("colours/1"), `${server.grpcAddress}/tight`, source([1], [2], [3], [4], [5], [6])] as const),
      policy,
    );
    expect(pictures.compared).toBe(6);
  });

  test("that does not know the model, or that version, says so", async () => {
    for (const model of ["unknown", "colours/9"]) {
      const compared = compareModels(folder.path("colours"), `${server.grpcAddress}/${model}`, source([1]), undefined);
      await expect(compared).rejects.toThrow(/does not serve the model now .*version 9|refused .*unknown/);
    }
  });

  test("that goes away in the midst ends it, and names itself", async () => {
    const dying = await startModelServer({ repository: folder.path("served"), threads: 1 });
    const compared = compareModels(
      folder.path("colours"),
      `${dying.grpcAddress}/colours`,
      {
        description: "without end",
        async *read() {
          for (;;) yield* pictures([1]);
        },
      },
      undefined,
      {
        progress: ({ compared }) => {
          if (compared === 5) void dying.stop();
        },
      },
    );
    await expect(compared).rejects.toThrow(
      expect.objectContaining({
        code: "model-failed",
        message: expect.stringMatching(
          /^127\.0\.0\.1:\d+\/colours: the model server cannot be reached, or does not serve/,
        ),
      }),
    );
  });

  test("that is not there ends the command with 1", async () => {
    const { code, errors } = await compare(folder.path("colours"), "127.0.0.1:1/colours", "--generated", "1");
    expect(code).toBe(1);
    expect(errors).toContain("127.0.0.1:1/colours: the model server cannot be reached");
  });
});

test("a comparison that is given up ends with the reason", async () => {
  const stop = new AbortController();
  const compared = compareModels(folder.path("colours/1"), folder.path("colours/2"), source([1], [2], [3]), undefined, {
    signal: stop.signal,
    progress: () => stop.abort(new Error("enough")),
  });
  await expect(compared).rejects.toThrow("enough");
});

test("files that cannot be written are found out before anything is compared", async () => {
  const { code, errors } = await compare("a.onnx", "b.onnx", "--html", folder.path("no/such/page.html"));
  expect(code).toBe(2);
  expect(errors).toMatch(/page\.html cannot be written/);
});
