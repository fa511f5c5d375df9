/** The schema that the API server has is made of the one that the controller reads with; here, that they mean the same. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ModelServer } from "../../../src/serving/resource/model-server.ts";
import { ModelServerSpec } from "../../../src/serving/resource/model-server-spec.ts";
import { exampleServer } from "./model-servers.ts";

interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  "x-kubernetes-validations"?: { rule: string; message: string }[];
}
const file = parse(readFileSync("deploy/crds/modelservers.yaml", "utf8"));
const schema: Schema = file.spec.versions[0].schema.openAPIV3Schema;

/** What the API server fills in: defaults of objects that are there, or that have a default themselves. */
function withDefaults(value: unknown, { properties, items, default: fallback }: Schema): unknown {
  const given = value === undefined ? structuredClone(fallback) : value;
  if (Array.isArray(given) && items) return given.map((each) => withDefaults(each, items));
  if (typeof given !== "object" || given === null || !properties) return given;
  const entries = Object.entries(properties).map(
    ([key, each]) => [key, withDefaults(Reflect.get(given, key), each)] as const,
  );
  return { ...given, ...Object.fromEntries(entries.filter(([, each]) => each !== undefined)) };
}

test.each(["high-risk", "faces", "several-on-cpu"])(
  "%s gets the same defaults from the API server and the controller",
  (name) => {
    const { spec } = parse(readFileSync(`deploy/examples/${name}.yaml`, "utf8"));
    const filled = withDefaults(spec, schema.properties?.spec ?? {});
    expect(filled).toEqual(JSON.parse(JSON.stringify(ModelServerSpec.parse(spec))));
  },
);

test("every rule over several fields has a message that says what to do", () => {
  const rules: { rule: string; message: string }[] = [];
  const collect = (each: Schema) => {
    rules.push(...(each["x-kubernetes-validations"] ?? []));
    for (const inner of Object.values(each.properties ?? {})) collect(inner);
    if (each.items) collect(each.items);
  };
  collect(schema);
  expect(rules.length).toBeGreaterThan(12);
  expect(
    rules.filter(({ message }) => !/\b(set|choose|keep|make|lower|shorten|copy|name|remove|becomes)\b/.test(message)),
  ).toEqual([]);
});

test("every node of the schema says its type, as a structural schema must", () => {
  const untyped: string[] = [];
  const look = (each: Schema, path: string) => {
    if (!each.type) untyped.push(path);
    for (const [key, inner] of Object.entries(each.properties ?? {})) look(inner, `${path}.${key}`);
    if (each.items) look(each.items, `${path}[]`);
  };
  look(schema, "");
  expect(untyped).toEqual([]);
});

test("kubectl explain has words for every field, and says its default", () => {
  const silent: string[] = [];
  const look = ({ properties = {}, items }: Schema, path: string) => {
    for (const [key, each] of Object.entries(properties)) {
      const { description = "", default: fallback } = each;
      const told =
        typeof fallback === "object" || fallback === undefined || description.includes(`Default: ${fallback}.`);
      if (description === "" || !told) silent.push(`${path}.${key}`);
      look(each, `${path}.${key}`);
    }
    if (items) look(items, `${path}[]`);
  };
  for (const part of ["spec", "status"]) look(schema.properties?.[part] ?? {}, part);
  expect(silent).toEqual([]);
});

test("a status that a controller wrote is one that the next controller reads", () => {
  const server = exampleServer("high-risk");
  expect(ModelServer.parse(JSON.parse(JSON.stringify(server)))).toEqual(server);
});
