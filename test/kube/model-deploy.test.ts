/** What people type to deploy a model, on a real API server. */
import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, openCluster } from "./cluster.ts";
import { ServingSystem } from "./serving-system.ts";

let cluster: Cluster;
let system: ServingSystem;

beforeAll(async () => {
  cluster = await openCluster();
  system = await ServingSystem.open(cluster);
});
afterAll(async () => {
  await system?.close();
  await cluster?.close();
});

interface Ended {
  code: number;
  out: string;
  words: string;
}

/** `briareus model …`, with its exit code and both outputs. @param tell called with standard output as it comes */
function model(
  parameters: readonly string[],
  { env = {}, tell = () => undefined }: { env?: NodeJS.ProcessEnv; tell?: (text: string) => void } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, BRIAREUS_LOG_LEVEL: "error", ...env } };
    const child = execFile(process.execPath, ["src/cli/main.ts", "model", ...parameters], options, (_, out, words) =>
      resolve({ code: child.exitCode ?? -1, out, words }),
    );
    child.stdout?.on("data", (text) => tell(String(text)));
  });
}
const here = () => ["--namespace", system.namespace];
const deploy = (name: string, ...parameters: string[]) =>
  model(["deploy", name, "--uri", "gs://models/high-risk/3", ...here(), ...parameters]);

test("a model is deployed in a line, its conditions are told until it is ready, and it is listed", async () => {
  await system.controller();
  const deployed = await deploy("line", "--gpu", "nvidia-t4", "--max", "4", "--latency-goal", "50ms", "--wait");
  expect(deployed).toMatchObject({ code: 0, words: "" });
  expect(deployed.out).toContain(`ModelServer line is written to namespace ${system.namespace}`);
  expect(deployed.out).toMatch(/^Ready +True +Serving: Version \w+ answers at line\./m);
  const { spec } = await system.server("line");
  expect(spec).toMatchObject({ gpu: "nvidia-t4", replicas: { min: 1, max: 4 }, latencyGoal: "50ms" });

  const listed = await model(["servers", ...here()]);
  expect(listed.out).toMatch(/line +yes +1 of 4 +nvidia-t4 +1 .* line gs:\/\/models\/high-risk\/3 fp32/);
  const all = await model(["servers", "--all-namespaces", "--json"]);
  expect(JSON.parse(all.out)).toContainEqual(
    expect.objectContaining({ namespace: system.namespace, name: "line", ready: true, trouble: null }),
  );
});

test("while it cannot start the reason is told, and a wait goes on until somebody mends it", async () => {
  const told: string[] = [];
  const tell = (text: string) => told.push(text);
  const stuck = ["deploy", "stuck", "--uri", "gs://models/high-risk/3", ...here(), "--gpu", "nvidia-b9000", "--wait"];
  const waiting = model(stuck, { tell });
  await expect.poll(() => told.join("")).toMatch(/^Degraded +True +NoNode: .*Add a node pool with nvidia-b9000/m);
  expect(told.join("")).toMatch(/^Ready +False +/m);
  expect(await deploy("stuck", "--gpu", "nvidia-t4")).toMatchObject({ code: 0 });
  expect(await waiting).toMatchObject({ code: 0, out: expect.stringMatching(/^Ready +True +Serving: /m) });
});

test("what an earlier deploy set and this one leaves out goes back to its default; the autoscaler's number stays", async () => {
  await deploy("again", "--gpu", "nvidia-t4", "--max", "4");
  await system.kubectl(["scale", "modelserver", "again", "--replicas", "3"]);
  expect(await deploy("again", "--max", "5")).toMatchObject({ code: 0 });
  const { spec } = await system.server("again");
  expect(spec).toMatchObject({ replicas: { min: 1, max: 5, wanted: 3 } });
  expect(spec).not.toHaveProperty("gpu");
});

test("a field that somebody else set is taken only with --force", async () => {
  await system.apply("high-risk", "others");
  const refused = await deploy("others", "--gpu", "nvidia-l4");
  expect(refused).toMatchObject({
    code: 1,
    words: expect.stringMatching(/conflict with "kubectl[\s\S]*\.spec\.gpu[\s\S]*--force takes/),
  });
  expect(await deploy("others", "--gpu", "nvidia-l4", "--force")).toMatchObject({ code: 0 });
  expect((await system.server("others")).spec).toMatchObject({ gpu: "nvidia-l4" });
});

test("a dry run prints a resource that the API server takes, and writes nothing", async () => {
  const printed = await deploy("dry", "--gpu", "nvidia-t4", "--precision", "fp16", "--dry-run");
  await system.kubectl(["apply", "--dry-run=server", "--filename", "-"], printed.out);
  await expect(system.server("dry")).rejects.toThrow(/not found/);
});

test("what the API server refuses is told in its own words", async () => {
  const refused = await deploy("wrong", "--min", "3", "--max", "2");
  const words =
    /^briareus: ModelServer\.briareus\.dev "wrong" is invalid: .*replicas\.min is above replicas\.max: lower min or raise max/;
  expect(refused).toEqual({ code: 1, out: "", words: expect.stringMatching(words) });
});

test("a namespace that is not there and an account without rights are told in a sentence", async () => {
  const nowhere = await model(["deploy", "a", "--uri", "gs://models/a/1", "--namespace", "no-such-namespace"]);
  expect(nowhere).toMatchObject({
    code: 1,
    words: "briareus: there is no namespace no-such-namespace: kubectl create namespace no-such-namespace\n",
  });
  await system.kubectl(["create", "serviceaccount", "nobody"]);
  const KUBECONFIG = await cluster.kubeconfigOf(system.namespace, "nobody");
  const forbidden = await model(["servers", ...here()], { env: { KUBECONFIG } });
  expect(forbidden).toMatchObject({
    code: 1,
    words: expect.stringMatching(/^briareus: modelservers\.briareus\.dev is forbidden: /),
  });
});
