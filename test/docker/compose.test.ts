import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type ComposeProject, composeUp } from "./compose-project.ts";
import { docker } from "./docker.ts";
import { type PictureHost, startPictureHost } from "./picture-host.ts";
import { listenForVerdicts, type VerdictListener } from "./verdict-listener.ts";

let pictures: PictureHost;
let project: ComposeProject;
let platform: VerdictListener;

beforeAll(async () => {
  pictures = await startPictureHost();
  project = await composeUp({ BRIAREUS_FETCH_ALLOW: `host.docker.internal:${pictures.port}` });
  platform = await listenForVerdicts(project.pubsub);
});

afterAll(async () => {
  await platform?.close();
  await project?.down();
  await pictures?.stop();
});

afterEach(async (context) => {
  if (context.task.result?.state === "fail") console.error(await project.logs());
});

test("the image runs without root, on a read-only root file system, and holds no development dependency", async () => {
  const { devDependencies } = (await import("../../package.json", { with: { type: "json" } })).default;
  const inImage = (script: string) =>
    docker(["run", "--rm", "--read-only", "--entrypoint", "bash", project.image, "-c", script]);
  expect((await inImage("id --user")).trim()).toBe("1000");
  expect((await docker(["run", "--rm", "--read-only", project.image, "--help"])).trim()).toContain("worker");
  const installed = (await inImage("cd node_modules && ls -d * @*/*")).split("\n");
  // protobufjs counts the types of Node among its own dependencies.
  const developmentOnly = Object.keys(devDependencies).filter((name) => name !== "@types/node");
  expect(installed).toEqual(expect.arrayContaining(["bullmq", "@google-cloud/pubsub"]));
  expect(installed.filter((name) => developmentOnly.includes(name))).toEqual([]);
  const bytes = Number(await docker(["image", "inspect", "--format", "{{.Size}}", project.image]));
  const ofBase = Number(await docker(["image", "inspect", "--format", "{{.Size}}", "node:24-slim"]));
  console.log(`the image has ${mebibytes(bytes)} MiB, ${mebibytes(bytes - ofBase)} of them above node:24-slim`);
  expect(mebibytes(bytes - ofBase)).toBeLessThan(250);
});

test("with the GPU file Triton on a GPU takes the place of the model server, and serves the image's models", async () => {
  const files = ["--file", "docker-compose.yml", "--file", "deploy/compose.gpu.yml"];
  const { services } = JSON.parse(await docker(["compose", ...files, "config", "--format", "json"]));
  expect(services["model-server"]).toMatchObject({
    image: expect.stringContaining("tritonserver"),
    command: ["tritonserver", "--model-repository=/models"],
    volumes: [{ source: "models", target: "/models", read_only: true }],
    deploy: { resources: { reservations: { devices: [{ driver: "nvidia", count: 1, capabilities: ["gpu"] }] } } },
  });
  expect(services["demo-model"].volumes).toMatchObject([{ source: "models", target: "/app/models" }]);
});

test("processes reach the database, which no port of the host leads to", async () => {
  const [ingress] = await project.containers("ingress");
  const command = `node src/cli/main.ts doctor | grep database`;
  expect(await docker(["exec", String(ingress), "bash", "-c", command])).toMatch(/^ok {4}database: Postgres 18/);
  const [postgres] = await project.containers("postgres");
  expect((await docker(["port", String(postgres)])).trim()).toBe("");
});

test("captures published from outside get one verdict each, one of a truncated picture included", async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `outside-${index}`);
  await Promise.all(ids.map((id, index) => platform.publish(id, pictures.uri(index))));
  await platform.publish("outside-truncated", pictures.truncatedUri);
  await untilHeardOf([...ids, "outside-truncated"]);
  expect(withoutScores(ids)).toEqual([]);
  expect(platform.heard.get("outside-truncated")?.[0]).toMatchObject({
    verdict: "unprocessable",
    reason: "image-corrupt",
  });
  expect([...platform.heard.values()].filter((list) => list.length > 1)).toEqual([]);
});

test("review serves the console and, to those with a key, what was flagged; it takes captures over HTTP", async () => {
  const page = await fetch(`${project.review}/`, { headers: { accept: "text/html" } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<script type="module"')]);
  const [container] = await project.containers("review");
  const inReview = ["exec", String(container), "node", "src/cli/main.ts", "review-key", "--name", "test"];
  const key = (await docker([...inReview, "--scopes", "ingest,read"])).trim();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  expect((await fetch(`${project.review}/v1/incidents`)).status).toBe(401);
  expect((await fetch(`${project.review}/v1/incidents`, { headers })).status).toBe(200);
  const captureId = "over-http";
  const capture = { captureId, streamId: "outside", capturedAt: new Date().toISOString(), imageUri: pictures.uri(1) };
  const answer = await fetch(`${project.review}/v1/captures`, {
    method: "POST",
    headers,
    body: JSON.stringify(capture),
  });
  expect([answer.status, await answer.json()]).toMatchObject([202, { captureIds: [captureId] }]);
  await untilHeardOf([captureId]);
});

test.each(["fetch", "preprocess", "infer", "postprocess", "ingress", "model-server", "redis"])(
  "when %s is killed mid-way it is started again and no capture is lost",
  async (service) => {
    const ids = Array.from({ length: 200 }, (_, index) => `killed-${service}-${index}`);
    const published = Promise.all(ids.map((id, index) => platform.publish(id, pictures.uri(index))));
    await expect.poll(() => ids.some((id) => platform.heard.has(id)), { timeout: 60_000, interval: 20 }).toBe(true);
    const [container] = await project.containers(service);
    await killMainProcess(container ?? expect.fail(`no container of ${service} is running`));
    await published;
    await untilHeardOf(ids);
    expect(withoutScores(ids)).toEqual([]);
    const doubled = ids.filter((id) => (platform.heard.get(id)?.length ?? 0) > 1).length;
    if (doubled > 0) console.log(`${doubled} of ${ids.length} verdicts came twice when ${service} was killed`);
    expect(await docker(["inspect", "--format", "{{.RestartCount}}", String(container)])).toMatch(/^1/);
  },
);

test("every process ends by itself when the system is stopped", async () => {
  const services = ["model-server", "ingress", "fetch", "preprocess", "infer", "postprocess", "review"];
  const containers = (await Promise.all(services.map(project.containers))).flat();
  await project.stop();
  const states = await docker(["inspect", "--format", "{{.Name}} {{.State.ExitCode}}", ...containers]);
  expect(states.trim().split("\n")).toHaveLength(services.length);
  expect(states.split("\n").filter((line) => line !== "" && !line.endsWith(" 0"))).toEqual([]);
});

async function untilHeardOf(ids: string[]): Promise<void> {
  const missing = () => ids.filter((id) => !platform.heard.has(id));
  await expect.poll(missing, { timeout: 120_000, interval: 250, message: "captures without a verdict" }).toEqual([]);
}

/** Verdicts of pictures that no model judged. */
function withoutScores(ids: string[]) {
  return ids.map((id) => platform.heard.get(id)?.[0]).filter((verdict) => !verdict?.scores.length);
}

/** SIGKILL from within, as a crash looks to the engine: `docker kill` would count as an operator's wish to stop. */
async function killMainProcess(container: string): Promise<void> {
  await docker(["exec", container, "sh", "-c", "kill -KILL $(cat /proc/1/task/1/children)"]);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
