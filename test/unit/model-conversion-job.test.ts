import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { modelConvertCommand } from "../../src/cli/model-convert.ts";
import { parsePolicy } from "../../src/policy/load-policy.ts";

const Container = z.object({
  name: z.string(),
  args: z.array(z.string()),
  resources: z.object({ limits: z.record(z.string(), z.unknown()) }),
});
const Job = z.object({
  kind: z.literal("Job"),
  spec: z.object({
    template: z.object({
      spec: z.object({ initContainers: z.array(Container), containers: z.array(Container) }),
    }),
  }),
});
const ConfigMap = z.object({ kind: z.literal("ConfigMap"), data: z.record(z.string(), z.string()) });

const documents = ["settings", "job"].flatMap((name) =>
  parseAllDocuments(readFileSync(`deploy/model-conversion/${name}.yaml`, "utf8")).map((each) => each.toJS()),
);
const { initContainers, containers } = documents.map((each) => Job.safeParse(each).data).find(Boolean)?.spec.template
  .spec ?? { initContainers: [], containers: [] };
const settings = documents.map((each) => ConfigMap.safeParse(each).data).find(Boolean)?.data ?? {};

test("the Job fetches, converts on a GPU, and pushes only what was promoted", () => {
  expect(initContainers.map(({ name }) => name)).toEqual(["fetch", "convert"]);
  expect(containers.map(({ name }) => name)).toEqual(["push"]);
  expect(initContainers[1]?.resources.limits["nvidia.com/gpu"]).toBe(1);
});

test("the Job's conversion has options that the command knows, and the labels that its policy names", () => {
  const args = initContainers[1]?.args ?? [];
  expect(args.slice(0, 3)).toEqual(["model", "convert", "/conversion/saved-model"]);
  const known = modelConvertCommand.options.map(({ long }) => long);
  const given = args.slice(3).map((each) => each.split("=")[0]);
  expect(given.filter((option) => !known.includes(option))).toEqual([]);
  for (const option of modelConvertCommand.options.filter(({ mandatory }) => mandatory))
    expect(given).toContain(option.long);
  const labels = (settings["labels.txt"] ?? "").trim().split("\n");
  const policy = parsePolicy(settings["policy.yaml"] ?? "", "policy.yaml");
  const named = Object.values(policy.categories).flatMap((category) => category.labels.map(({ label }) => label));
  expect(named.filter((label) => !labels.includes(label))).toEqual([]);
});

test("the push copies the version before the configuration that names its model", () => {
  const script = containers[0]?.args.join("\n") ?? "";
  const [version, config] = [script.indexOf('cp --recursive "$version"'), script.indexOf("config.pbtxt")];
  expect(version).toBeGreaterThan(0);
  expect(config).toBeGreaterThan(version);
});
