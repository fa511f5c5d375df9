import { z } from "zod";
import { ports } from "../render/manifest.ts";
import type { ModelInterface } from "../rollout/misfit.ts";
import type { Children } from "./children.ts";
import { readyAddresses } from "./ready-addresses.ts";

const askLimitMs = 3_000;

const Tensor = z.looseObject({ name: z.string(), data_type: z.string(), dims: z.array(z.coerce.number()) });
/** Of Triton's model configuration extension; numbers of 64 bits are texts there. */
const Config = z.looseObject({
  input: z.array(Tensor).default([]),
  output: z.array(Tensor).default([]),
  parameters: z.record(z.string(), z.looseObject({ string_value: z.string().default("") })).default({}),
});

/** What one ready server of a version says of its models; undefined where none answers. */
export async function servedModels(
  children: Children,
  revision: string,
  names: readonly string[],
): Promise<ModelInterface[] | undefined> {
  const [host] = readyAddresses(children, revision);
  if (host === undefined) return undefined;
  return await Promise.all(names.map((name) => ask(host, name))).catch(() => undefined);
}

async function ask(host: string, name: string): Promise<ModelInterface> {
  const url = `http://${host}:${ports.http}/v2/models/${name}/config`;
  const response = await fetch(url, { signal: AbortSignal.timeout(askLimitMs) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const { input, output, parameters } = Config.parse(await response.json());
  const inWords = (tensors: typeof input) =>
    tensors.map((each) => `${each.name} ${each.data_type} [${each.dims.join(", ")}]`).join(", ");
  const labels = (parameters.labels?.string_value ?? "").split(",").filter(Boolean);
  return { name, input: inWords(input), output: inWords(output), labels };
}
