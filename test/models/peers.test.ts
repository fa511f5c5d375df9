/** What `npm run bench:peers` compares must do the same: each system scores the same pictures alike. */
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpSender } from "../../bench/peers/load/http-sender.ts";
import type { Answer } from "../../bench/peers/load/open-loop.ts";
import { pubsubSender } from "../../bench/peers/load/pubsub-sender.ts";
import type { settings } from "../../bench/peers/setting.ts";
import { type SystemName, startSystemUnderTest, systemNames } from "../../bench/peers/systems/start-system.ts";
import { servePictures } from "../../bench/picture-host.ts";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";

const model = resolve(".briareus/models/nsfw/1/model.onnx");
const pictures = 16;
let host: Awaited<ReturnType<typeof servePictures>>;

beforeAll(async () => {
  await ensureDemoModel(resolve(".briareus/models"));
  host = await servePictures();
});

afterAll(() => host.close());

async function answersOf(name: SystemName, setting: (typeof settings)[number]): Promise<Answer[]> {
  const system = await startSystemUnderTest(name, { setting, cores: 2, model });
  Object.assign(process.env, { PUBSUB_EMULATOR_HOST: system.env.PUBSUB_EMULATOR_HOST });
  const { target } = system;
  const sender =
    target.kind === "http" ? httpSender(target.url, host.address) : await pubsubSender(target.projectId, host.address);
  try {
    return await Promise.all(Array.from({ length: pictures }, (_, number) => sender.send(number)));
  } finally {
    await sender.close();
    await system.stop();
    delete process.env.PUBSUB_EMULATOR_HOST;
  }
}

describe("with the real model", () => {
  let ours: Answer[];
  beforeAll(async () => {
    ours = await answersOf("briareus", "cpu");
  });

  test.each(systemNames.filter((name) => name !== "briareus"))(
    "%s says of each picture what briareus says",
    async (name) => {
      const theirs = await answersOf(name, "cpu");
      expect(theirs.map(({ verdict }) => verdict)).toEqual(ours.map(({ verdict }) => verdict));
      // They decode and resize with another library.
      for (const [number, { scores }] of theirs.entries())
        for (const [label, score] of Object.entries(scores))
          expect(Math.abs(score - (ours[number]?.scores[label] ?? -1)), `picture ${number}, ${label}`).toBeLessThan(
            0.05,
          );
    },
  );
});

test.each(systemNames)("%s answers with the stand-in for a GPU", async (name) => {
  const answers = await answersOf(name, "gpu-standin");
  expect(answers.map(({ scores }) => scores.Neutral)).toEqual(answers.map(() => 1));
});
