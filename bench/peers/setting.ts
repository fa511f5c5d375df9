import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * EfficientNet-B0 on an NVIDIA T4, FP16, TensorRT: 3.40 ms for 1 picture, 5.96 for 4, 9.11 for 8, through which
 * `baseMs` + n * `perPictureMs` is the line of least squares (off by 0.1 ms at most). Source: PaddleClas,
 * docs/en/models/EfficientNet_and_ResNeXt101_wsl_en.md, "Inference speed based on T4 GPU".
 */
export const t4 = { baseMs: 2.62, perPictureMs: 0.814 };

/** How captures are scored: by the real model on the CPU, or by a stand-in for a GPU that only takes its time. */
export type Setting = "cpu" | "gpu-standin";
export const settings: readonly Setting[] = ["cpu", "gpu-standin"];

export const labels = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];
/** The most pictures that a batch for the GPU may have, for whoever makes batches. */
export const gpuBatch = 32;

/** Writes the stand-in as the model `nsfw` of a Triton model repository: one instance, dynamic batching. */
export async function writeStandinRepository(folder: string): Promise<void> {
  await mkdir(join(folder, "nsfw/1"), { recursive: true });
  await writeFile(
    join(folder, "nsfw/1/model.py"),
    await readFile(new URL("gpu-standin/model.py", import.meta.url), "utf8"),
  );
  await writeFile(
    join(folder, "nsfw/config.pbtxt"),
    `name: "nsfw"
backend: "python"
max_batch_size: ${gpuBatch}
input [ { name: "images", data_type: TYPE_UINT8, dims: [ 224, 224, 3 ] } ]
output [ { name: "scores", data_type: TYPE_FP32, dims: [ ${labels.length} ] } ]
instance_group [ { count: 1, kind: KIND_CPU } ]
dynamic_batching { max_queue_delay_microseconds: 2000 }
parameters { key: "labels", value: { string_value: "${labels.join(",")}" } }
parameters { key: "base_ms", value: { string_value: "${t4.baseMs}" } }
parameters { key: "per_picture_ms", value: { string_value: "${t4.perPictureMs}" } }
`,
  );
}
