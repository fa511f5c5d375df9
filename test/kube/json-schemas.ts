/** JSON Schemas for kubeconform, out of the cluster's own OpenAPI document: its versions, and every CRD that it has. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  [keyword: string]: unknown;
}

type Definitions = Record<string, Schema>;

/**
 * Writes a schema per kind into the folder, fields that a kind does not have forbidden.
 * @param openApi what `kubectl get --raw /openapi/v2` says
 * @returns kubeconform's -schema-location
 */
export async function writeSchemas(openApi: string, folder: string): Promise<string> {
  const { definitions } = JSON.parse(openApi) as { definitions: Definitions };
  await mkdir(folder, { recursive: true });
  for (const [name, schema] of Object.entries(definitions))
    for (const { group, version, kind } of schema["x-kubernetes-group-version-kind"] ?? []) {
      if (!schema.properties?.kind) continue;
      const file = [kind.toLowerCase(), group.split(".")[0], version].filter(Boolean).join("-");
      const whole = { $ref: `#/definitions/${name}`, definitions: neededBy(name, definitions) };
      await writeFile(join(folder, `${file}.json`), JSON.stringify(whole));
    }
  return join(folder, "{{.ResourceKind}}{{.KindSuffix}}.json");
}

/** The definitions that one refers to, itself included, as JSON Schema. */
function neededBy(name: string, definitions: Definitions): Definitions {
  const needed: Definitions = {};
  const pending = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next in needed) continue;
    needed[next] = strict(next, definitions[next] ?? {}, (reference) => pending.push(reference));
  }
  return needed;
}

const textOrNumber = { type: ["string", "number"] } as unknown as Schema;

function strict(name: string, schema: Schema, refersTo: (definition: string) => void): Schema {
  if (schema["x-kubernetes-int-or-string"] || schema.format === "int-or-string") return textOrNumber;
  if (name.endsWith(".Quantity")) return textOrNumber;
  const within = (each: Schema) => strict("", each, refersTo);
  if (schema.$ref) refersTo(schema.$ref.replace("#/definitions/", ""));
  const { description: _, format: __, properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(items && { items: within(items) }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: within(additionalProperties) }
      : properties && !schema["x-kubernetes-preserve-unknown-fields"] && { additionalProperties: false }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, within(value)])),
    }),
  };
}
