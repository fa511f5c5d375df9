/** `briareus model compare` against the real Triton, whose answers it must read as it reads those of a file. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareModels } from "../../src/models/compare/compare-models.ts";
import {
  colourConfig,
  colourModel,
  type ModelFolder,
  modelFolder,
  plainPicture,
} from "../integration/compared-models.ts";
import { freePorts, type ServerUnderTest, servers } from "./servers.ts";

let folder: ModelFolder;
let triton: ServerUnderTest;
beforeAll(async () => {
  folder = await modelFolder();
  await folder.write("colours/config.pbtxt", colourConfig("colours"));
  await folder.write("colours/1/model.onnx", colourModel());
  await folder.write("colours/2/model.onnx", colourModel({ factor: 0.5, nanForBlack: true }));
  const start = servers["the real Triton"];
  if (!start) throw new Error("there is no way to start a Triton");
  triton = await start(folder.path(), await freePorts());
});
afterAll(async () => {
  await triton.stop();
  await folder[Symbol.asyncDispose]();
});

const pictures = {
  description: "colours",
  async *read() {
    for (const red of [0, 51, 204]) yield { name: `red ${red}`, bytes: await plainPicture(red) };
  },
};

test("a version on a real Triton scores as its file does, and so does the newest, NaN included", async () => {
  const at = `${triton.grpcAddress}/colours`;
  const first = await compareModels(folder.path("colours/1"), `${at}/1`, pictures, undefined);
  expect(first).toMatchObject({ b: { version: "1" }, notFinite: { a: 0, b: 0 }, changed: { count: 0 } });
  expect(first.classes.map(({ largest }) => largest)).toEqual([0, 0, 0]);
  const newest = await compareModels(folder.path("colours/2"), at, pictures, undefined);
  // Green and blue are 0 / 0 in all of them.
  expect(newest).toMatchObject({ b: { version: "2" }, notFinite: { a: 3, b: 3 }, changed: { count: 0 } });
});

test("a model that it does not know is wrong input", async () => {
  const compared = compareModels(folder.path("colours"), `${triton.grpcAddress}/unknown`, pictures, undefined);
  await expect(compared).rejects.toThrow(expect.objectContaining({ code: "wrong-input" }));
});
