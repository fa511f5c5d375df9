import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fetchNpmTarball } from "./npm-tarball.ts";
import { readTfjsGraph } from "./tfjs-graph.ts";
import { tfjsToOnnx } from "./tfjs-to-onnx.ts";

const source = {
  package: "nsfwjs@4.3.0",
  integrity: "sha512-WTKDte0vp1X97N1h34P79G/hG+sVT3+TnDz9di1WseIJR93v11E4viNX7Vg9WsO6HYoR772Nzq2iM8jo3XBZ+g==",
  folder: "dist/models/mobilenet_v2_mid",
};

/** Raise it when the converter or the configuration below changes, so that models made before are made anew. */
const recipe = 3;

const labels = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];
const sidePixels = 224;

/**
 * Puts the demo model `nsfw` into a Triton model repository: MobileNet v2 of the npm package nsfwjs (MIT),
 * converted to ONNX. Does nothing when it is there already; safe to run in several processes at once.
 * @throws TarballError when the package cannot be had or is not the expected one
 */
export async function ensureDemoModel(
  repositoryDir: string,
  options: { log?: (line: string) => void } = {},
): Promise<void> {
  const target = join(resolve(repositoryDir), "nsfw");
  if (await isCurrent(target)) return;
  options.log?.(`Downloading the demo model (${source.package}, 25 MB)`);
  const files = await fetchNpmTarball(source.package, source.integrity);
  options.log?.("Converting the demo model to ONNX");
  const graph = readTfjsGraph((file) => {
    const content = files.get(`${source.folder}/${file}`);
    if (!content) throw new Error(`${source.package} has no file ${source.folder}/${file}`);
    return content.toString("utf8");
  });
  const model = tfjsToOnnx(graph, { height: sidePixels, width: sidePixels, classes: labels.length });
  await install(target, { "config.pbtxt": config(), "1/model.onnx": model, "manifest.json": manifest() });
  options.log?.(`The demo model lies in ${target}`);
}

async function isCurrent(target: string): Promise<boolean> {
  const found = await readFile(join(target, "manifest.json"), "utf8").catch(() => "");
  if (found !== manifest()) return false;
  return await stat(join(target, "1/model.onnx")).then(
    () => true,
    () => false,
  );
}

function manifest(): string {
  return `${JSON.stringify({ source: source.package, integrity: source.integrity, recipe }, null, 2)}\n`;
}

/** Renames a finished folder into place, so that nobody ever sees half a model. */
async function install(target: string, files: Record<string, string | Uint8Array>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const staging = await mkdtemp(join(dirname(dirname(target)), ".demo-model-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = join(staging, "new", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    await rename(target, join(staging, "old")).catch(ignoreMissing);
    await rename(join(staging, "new"), target).catch(async (error: unknown) => {
      if (!(await isCurrent(target))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/**
 * Requests of 16 pictures hold 2.4 MB each, so a short queue bounds the server's memory; whoever finds it full
 * is told to back off. Of one instance's requests, one in a hundred waited half a second in Triton's dynamic batcher
 * (docs/benchmarks.md); of two instances' none did.
 */
function config(): string {
  return `name: "nsfw"
backend: "onnxruntime"
max_batch_size: 16
instance_group [ { count: 2 } ]
input [ { name: "images", data_type: TYPE_UINT8, dims: [ ${sidePixels}, ${sidePixels}, 3 ] } ]
output [ { name: "scores", data_type: TYPE_FP32, dims: [ ${labels.length} ] } ]
version_policy { latest { num_versions: 1 } }
dynamic_batching {
  preferred_batch_size: [ 8, 16 ]
  max_queue_delay_microseconds: 2000
  default_queue_policy { max_queue_size: 32 }
}
parameters { key: "labels", value: { string_value: "${labels.join(",")}" } }
`;
}
