import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Gpu, gpuBatch, labels } from "../setting.ts";

const python = new URL("../python/", import.meta.url);

/**
 * Writes the stand-in for a GPU as the model `nsfw` of a Triton model repository: one instance, dynamic batching.
 * @param timeline path of the file in which it tells what it does
 */
export async function writeStandinRepository(
  folder: string,
  { baseMs, perPictureMs }: Gpu,
  timeline: string,
): Promise<void> {
  const version = join(folder, "nsfw/1");
  await mkdir(version, { recursive: true });
  await copyFile(new URL("triton_model.py", python), join(version, "model.py"));
  await copyFile(new URL("gpu_standin.py", python), join(version, "gpu_standin.py"));
  const parameters = {
    labels: labels.join(","),
    base_ms: `${baseMs}`,
    per_picture_ms: `${perPictureMs}`,
    timeline,
  };
  const lines = Object.entries(parameters).map(
    ([key, value]) => `parameters { key: "${key}", value: { string_value: "${value}" } }\n`,
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
${lines.join("")}`,
  );
}
