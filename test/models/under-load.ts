import { expect } from "vitest";
import { type BatchScores, type InferenceClient, InferenceError } from "../../src/inference/inference-client.ts";
import { tensorOf } from "../models.ts";
import { until } from "../system.ts";

/** Four requests at a time until it is ended; one that is refused waits for the server and goes again. */
export function underLoad(client: InferenceClient, pictures: readonly Uint8Array[]) {
  const tensor = tensorOf(pictures);
  const answers: BatchScores[] = [];
  const refusals: string[] = [];
  let ending = false;
  const one = async () => {
    for (;;) {
      try {
        return answers.push(await client.infer("nsfw", tensor, { deadlineAtMs: Date.now() + 60_000 }));
      } catch (error) {
        if (!(error instanceof InferenceError) || error.code !== "unavailable") throw error;
        refusals.push(error.message);
        if (!(await client.whenAvailable({ untilMs: Date.now() + 60_000 }))) throw error;
      }
    }
  };
  const lanes = Array.from({ length: 4 }, async () => {
    while (!ending) await one();
  });
  const failed = Promise.all(lanes).then(() => undefined);
  failed.catch(() => undefined);
  const reached = async (done: () => boolean) => {
    const saying = () => `${answers.length} answers; refused: ${refusals.slice(-3).join("; ")}`;
    await Promise.race([until(done, 60_000, saying), failed]);
    expect(done()).toBe(true);
  };
  return {
    /** So many more of them. */
    answers(count: number, fits: (each: BatchScores) => boolean = () => true) {
      const from = answers.length;
      return reached(() => answers.slice(from).filter(fits).length >= count);
    },
    refused: () => reached(() => refusals.length > 0),
    async end() {
      ending = true;
      await failed;
      return { answers, refusals };
    },
  };
}
