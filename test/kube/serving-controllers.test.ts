/** Controllers that die, and many ModelServers at once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, openCluster } from "./cluster.ts";
import type { ServerObject } from "./model-servers.ts";
import { type Controller, ServingSystem } from "./serving-system.ts";

let cluster: Cluster;
let system: ServingSystem;

beforeAll(async () => {
  cluster = await openCluster();
  system = await ServingSystem.open(cluster);
});
afterAll(async () => {
  await system?.close();
  // Two hundred ModelServers' parts are deleted for a while, which the next tests are not about.
  if (system) await cluster.kubectl(["delete", "namespace", system.namespace, "--timeout=170s"]);
  await cluster?.close();
});

const small = { replicas: { min: 1, max: 1 } };

test("of two controllers one leads; when it is killed the other takes over and goes on", async () => {
  const [one, other] = [await system.controller(), await system.controller()];
  await system.apply("high-risk", "first", small);
  await system.untilReady("first");
  const leads = async (controller: Controller) => await controller.metric("briareus_serving_leader").catch(() => 0);
  const [first, second] = (await leads(one)) === 1 ? [one, other] : [other, one];
  expect(await leads(second)).toBe(0);
  await first.stop("SIGKILL");
  await system.apply("high-risk", "second", small);
  await expect.poll(() => leads(second), { timeout: 60_000 }).toBe(1);
  await system.untilReady("second");
  // Asked to stop it gives the lease back: nobody waits for it to run out.
  await second.stop();
  const lease = await system.get<{ spec: { holderIdentity: string } }>("lease", "briareus-serving-controller");
  expect(lease.spec.holderIdentity).toBe("");
});

test("killed at any write, before it or after it, the next controller ends where the first would have", async () => {
  const whole = await writesOf("whole", () => undefined);
  expect(whole.length).toBeGreaterThan(8);
  for (let at = 0; at < whole.length; at += 1) {
    const name = `killed-${at}`;
    const moment = at % 2 === 0 ? "before" : "after";
    await writesOf(name, (count, when) => when === moment && count === at);
    const made = await system.kubectl([
      "get",
      "deploy,svc,cm,pdb,controllerrevision",
      "--selector",
      `briareus.dev/model-server=${name}`,
      "--output",
      "name",
    ]);
    expect(made.trim().split("\n"), `killed ${moment} ${whole[at]}`).toHaveLength(8);
    expect(
      (await system.events(name)).filter((event) => event.startsWith("Serves")),
      name,
    ).toSatisfy((told: string[]) => told.length <= 1);
  }
}, 600_000);

/** Makes a ModelServer, killing the controller where asked to; gives the writes for it. */
async function writesOf(
  name: string,
  kill: (count: number, when: "before" | "after") => boolean | undefined,
): Promise<string[]> {
  const from = system.proxy.writes.length;
  let controller = await system.controller();
  let killed: Promise<unknown> | undefined;
  let count = 0;
  system.proxy.onWrite = async (_, when) => {
    if (!killed && kill(count, when)) {
      killed = controller.stop("SIGKILL");
      await killed;
    }
    if (when === "after") count += 1;
  };
  await system.apply("high-risk", name, small);
  if (kill(-1, "before") !== undefined) {
    // One that had fewer writes to make is there without having been killed.
    const ready = async () => (await system.condition(name, "Ready")).startsWith("True");
    await expect.poll(async () => killed !== undefined || (await ready()), { timeout: 90_000 }).toBe(true);
    await (killed ?? controller.stop());
    // Or its successor waits until it runs out, which another test is about.
    await system.kubectl(["delete", "lease", "briareus-serving-controller", "--ignore-not-found"]);
    controller = await system.controller();
  }
  await system.untilReady(name);
  system.proxy.onWrite = undefined;
  await controller.stop();
  return system.proxy.writes.slice(from);
}

test("two hundred ModelServers are all made, and then it is quiet", async () => {
  const servers = Array.from({ length: 200 }, (_, index) => ({
    ...{ apiVersion: "briareus.dev/v1alpha1", kind: "ModelServer", metadata: { name: `many-${index}` } },
    // On no node: what is asked here is the controller.
    spec: { model: { uri: "gs://models/a/1" }, nodeSelector: { nowhere: "true" } },
  }));
  const controller = await system.controller("--resync", "1000");
  await system.kubectl(
    ["apply", "--server-side", "--filename", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items: servers }),
  );
  const made = async () => {
    const { items } = await system.get<{ items: ServerObject[] }>("modelservers");
    return items.filter(
      ({ status, metadata }) => metadata.name.startsWith("many-") && status?.rollout?.phase === "Starting",
    ).length;
  };
  const sinceMs = Date.now();
  await expect.poll(made, { timeout: 120_000, interval: 1_000 }).toBe(200);
  console.info(`200 ModelServers after ${((Date.now() - sinceMs) / 1_000).toFixed(1)} s`);
  // Each object once, the finaliser, the status and an event: whoever believes an old cache writes more.
  const writes = system.proxy.writes.filter((write) => write.includes("many-") || write.endsWith("/events"));
  console.info(`${writes.length / 200} writes each`);
  expect(writes.length / 200).toBeLessThan(16);
  await controller.stop();
}, 240_000);
