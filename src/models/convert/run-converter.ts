import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ModelToolError } from "../model-tool-error.ts";
import { ensureEnvironment } from "../python/environment.ts";
import { runTool } from "../python/run-tool.ts";
import type { PictureSignature } from "./choose-signature.ts";
import { ConversionError } from "./conversion-error.ts";
import type { Normalisation } from "./normalisation.ts";

export const precisions = ["fp32", "fp16", "int8"] as const;
export type Precision = (typeof precisions)[number];
export const activations = ["none", "softmax", "sigmoid"] as const;
export type Activation = (typeof activations)[number];

/** What convert.py reads; paths are absolute. */
export interface ConverterPlan {
  savedModel: string;
  signature: PictureSignature;
  normalisation: Normalisation;
  /** What makes scores of the model's output. */
  activation: Activation;
  opset: number;
  precision: Precision;
  backend: string;
  /** Raw tensors uint8 [n, height, width, 3]: to compare on, and to calibrate int8 with. */
  pictures: string;
  calibration: string;
  /** An ONNX model to compare with in the place of the SavedModel. */
  reference: string | null;
  /** Where the ONNX model goes. */
  target: string;
  /** Where the scores of `pictures` go, float32 [n, classes], by the reference and by the converted model. */
  referenceScores: string;
  convertedScores: string;
}

export interface Converted {
  classes: number;
  operators: string[];
  /** Versions of what took part. */
  tools: Record<string, string>;
}

const Event = z.union([
  z.object({ begun: z.string() }),
  z.object({ step: z.string(), seconds: z.number() }),
  z.object({ refused: z.string() }),
  z.object({
    done: z.object({ classes: z.number(), operators: z.array(z.string()), tools: z.record(z.string(), z.string()) }),
  }),
]);

const program = fileURLToPath(new URL("./convert.py", import.meta.url));

/**
 * Converts in a Python process with TensorFlow.
 * @throws ConversionError where the model cannot be converted; ModelToolError where Python cannot be had, or dies
 */
export async function runConverter(
  plan: ConverterPlan,
  scratch: string,
  how: { log: (line: string) => void; onStep: (step: string, seconds: number) => void; signal?: AbortSignal },
): Promise<Converted> {
  const { python, variables } = await ensureEnvironment("conversion", how);
  const planFile = join(scratch, "plan.json");
  await writeFile(planFile, JSON.stringify(plan));
  let refused: string | undefined;
  let done: Converted | undefined;
  let begun = "it began";
  const onLine = (line: string) => {
    const event = Event.parse(JSON.parse(line));
    if ("begun" in event) begun = event.begun;
    else if ("step" in event) how.onStep(event.step, event.seconds);
    else if ("refused" in event) refused = event.refused;
    else done = event.done;
  };
  const failed = await runTool(python, [program, planFile], {
    env: { ...process.env, ...variables, PYTHONDONTWRITEBYTECODE: "1", TMPDIR: scratch },
    onLine,
    signal: how.signal,
    name: "the conversion",
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refused !== undefined) throw new ConversionError(`${plan.savedModel}: ${refused}`);
  // Killed, perhaps for want of memory; what Python prints of itself then says nothing.
  if (failed instanceof ModelToolError)
    throw new ModelToolError(`${failed.message.split(":\n")[0]} at the step "${begun}"; is there memory enough?`, {
      cause: failed,
    });
  if (failed) throw failed;
  if (!done) throw new ConversionError(`${plan.savedModel}: the conversion ended without a result`);
  return done;
}
