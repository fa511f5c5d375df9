import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { createModelCommand } from "../../../src/cli/model.ts";
import { modelCompareCommand } from "../../../src/cli/model-compare.ts";
import { autoscaler } from "../../../src/serving/render/autoscaler.ts";
import type { Manifest } from "../../../src/serving/render/manifest.ts";
import type { Platform } from "../../../src/serving/render/platform.ts";
import { type Plan, render } from "../../../src/serving/render/render.ts";
import { wantedRevision } from "../../../src/serving/render/revision.ts";
import type { ModelServer } from "../../../src/serving/resource/model-server.ts";
import { exampleServer, platform } from "./model-servers.ts";

const wanted = (server: ModelServer) => wantedRevision(server, platform);
const plan = (server: ModelServer): Plan => ({
  revisions: [{ ...wanted(server), replicas: server.spec.replicas.min, weight: 100 }],
  gateways: 2,
});
const text = (manifests: readonly Manifest[]) =>
  manifests.map((each) => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");

describe("the manifests of", () => {
  for (const name of ["high-risk", "faces", "several-on-cpu"])
    test(`${name} are those of the golden file`, async () => {
      const server = exampleServer(name);
      await expect(text(render(server, plan(server), platform))).toMatchFileSnapshot(`golden/${name}.yaml`);
    });

  test("a canary share the traffic, and compare both versions", async () => {
    const old = exampleServer("faces");
    const fresh = exampleServer("faces", { model: { ...old.spec.model, uri: "gs://saved-models/faces/2026-12-01" } });
    const [serving, candidate] = [wanted(old), wanted(fresh)];
    const manifests = render(
      fresh,
      {
        revisions: [
          { ...serving, replicas: 4, weight: 80 },
          { ...candidate, replicas: 1, weight: 20 },
        ],
        comparison: { serving: serving.revision, candidate: candidate.revision },
        gateways: 2,
      },
      platform,
    );
    await expect(text(manifests)).toMatchFileSnapshot("golden/canary.yaml");
  });
});

describe("without KEDA", () => {
  const { prometheusUrl, ...withoutPrometheus } = platform;
  const bare: Platform = { ...withoutPrometheus, has: { ...platform.has, scaledObjects: false } };
  const metered: Platform = { ...bare, queueMetric: "model_server_queue_over_compute" };
  const scaler = (name: string, on: Platform, changes: object = {}) => autoscaler(exampleServer(name, changes), on);

  test("a server is scaled by the queue metric that is named, else on a CPU by its use", async () => {
    const both = [scaler("high-risk", metered), scaler("several-on-cpu", bare)].filter((each) => each !== undefined);
    await expect(text(both)).toMatchFileSnapshot("golden/without-keda.yaml");
    expect(scaler("several-on-cpu", metered)).toHaveProperty("spec.metrics.0.type", "External");
  });

  test("a server on a GPU has no autoscaler where no metric is named", () => {
    expect(scaler("high-risk", bare)).toBeUndefined();
  });

  test("a fixed number of servers is not scaled", () => {
    expect(scaler("high-risk", metered, { replicas: { min: 2, max: 2 } })).toBeUndefined();
  });

  test("a metric beside KEDA and its Prometheus is not asked: KEDA is the cluster's source of such metrics", () => {
    expect(scaler("high-risk", { ...platform, queueMetric: "m" })).toHaveProperty("kind", "ScaledObject");
  });
});

test("a version has the same name whatever the controller's own images are, and another for another model", () => {
  const server = exampleServer("high-risk");
  const tools = { ...platform, briareusImage: "briareus:2", conversionImage: "conversion:2" };
  expect(wantedRevision(server, tools).revision).toBe(wanted(server).revision);
  const other = exampleServer("high-risk", { model: { uri: "gs://models/high-risk/4" } });
  expect(wanted(other).revision).not.toBe(wanted(server).revision);
});

test("replicas, roll-out and goals are no part of a version: changing them starts nothing anew", () => {
  const server = exampleServer("high-risk");
  const changed = { replicas: { min: 2, max: 9 }, rollout: { canaryPercent: 50 }, latencyGoal: "1s" };
  expect(wanted(exampleServer("high-risk", changed)).revision).toBe(wanted(server).revision);
});

test("every command line of a container is one that briareus has, with options that it knows", async () => {
  const model = await createModelCommand(undefined);
  const known = new Map(model.commands.map((command) => [command.name(), command]));
  known.set("compare", modelCompareCommand);
  const lines = ["high-risk", "faces", "several-on-cpu"].flatMap((name) => {
    const server = exampleServer(name);
    return render(server, plan(server), platform).flatMap(commandLines);
  });
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const at = line.indexOf("model");
    const command = known.get(line[at + 1] ?? "");
    expect(command, line.join(" ")).toBeDefined();
    const options = line.slice(at + 2).filter((each) => each.startsWith("--"));
    const longs = command?.options.map(({ long }) => long);
    expect(options.filter((option) => !longs?.includes(option.split("=")[0]))).toEqual([]);
    for (const { long } of command?.options.filter(({ mandatory }) => mandatory) ?? [])
      expect(options.map((option) => option.split("=")[0])).toContain(long);
  }
});

interface PodTemplate {
  template?: { spec?: { initContainers?: Container[]; containers?: Container[] } };
}
interface Container {
  image: string;
  args?: string[];
}

function commandLines({ spec }: Manifest): string[][] {
  const { initContainers = [], containers = [] } = (spec as PodTemplate | undefined)?.template?.spec ?? {};
  return [...initContainers, ...containers]
    .filter(({ image }) => image === platform.briareusImage || image === platform.conversionImage)
    .map(({ args = [] }) => args);
}
