/** What `npm run bench:peers` compares must do the same: each system scores the same pictures alike. */
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GpuWork } from "../../bench/peers/gpu-timeline.ts";
import { httpSender } from "../../bench/peers/load/http-sender.ts";
import type { Answer } from "../../bench/peers/load/open-loop.ts";
import { pubsubSender } from "../../bench/peers/load/pubsub-sender.ts";
import type { Setting } from "../../bench/peers/setting.ts";
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

async function answersOf(name: SystemName, setting: Setting): Promise<{ answers: Answer[]; gpu: GpuWork | undefined }> {
  const system = await startSystemUnderTest(name, { setting, cores: 2, model });
  Object.assign(process.env, { PUBSUB_EMULATOR_HOST: system.env.PUBSUB_EMULATOR_HOST });
  const { target } = system;
  const sender =
    target.kind === "http" ? httpSender(target.url, host.address) : await pubsubSender(target.projectId, host.address);
  try {
    const answers = await Promise.all(Array.from({ length: pictures }, (_, number) => sender.send(number)));
    return { answers, gpu: system.gpuWork() };
  } finally {
    await sender.close();
    await system.stop();
    delete process.env.PUBSUB_EMULATOR_HOST;
  }
}

describe("with the real model", () => {
  let ours: Answer[];
  beforeAll(async () => {
    ours = (await answersOf("briareus", "cpu")).answers;
  });

  test.each(systemNames.filter((name) => name !== "briareus"))(
    "%s says of each picture what briareus says",
    async (name) => {
      const { answers: theirs } = await answersOf(name, "cpu");
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

describe("with the stand-in for a GPU", () => {
  test.each(["monolith", "gunicorn"] as const)("%s asks it picture by picture", async (name) => {
    const { answers, gpu } = await answersOf(name, "gpu-standin");
    expect(answers.map(({ scores }) => scores.Neutral)).toEqual(answers.map(() => 1));
    expect(gpu).toMatchObject({ pictures, batches: pictures });
  });

  test.each(["litserve", "mosec", "briareus"] as const)("%s asks it in batches", async (name) => {
    const { answers, gpu } = await answersOf(name, "gpu-standin");
    expect(answers.map(({ scores }) => scores.Neutral)).toEqual(answers.map(() => 1));
    expect(gpu).toMatchObject({ pictures });
    expect(gpu?.batches).toBeLessThan(pictures);
  });
});
