/** The whole system with a real Triton in the place of our model server. */
import { expect, test } from "vitest";
import { prepareTriton } from "../../src/models/triton/start-triton.ts";
import { childrenOf } from "../child-processes.ts";
import { startSystem, until } from "../system.ts";

const descendantsOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(descendantsOf)];
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("captures get their verdicts from Triton, and all of them when it is killed and started again", async () => {
  await prepareTriton({ source: "wheel" });
  await using system = await startSystem({ triton: true, env: { BRIAREUS_TRITON_SOURCE: "wheel" } });
  const first = await system.publish(16);
  for (const verdict of await system.untilVerdicts(first, 60_000))
    expect(verdict).toMatchObject({ verdict: "clean", scores: [{ model: "nsfw", version: "1" }] });

  const wrapper = system.pid("triton");
  // Its guard, Triton, and the process that the model runs in.
  const servers = childrenOf(wrapper).flatMap(descendantsOf);
  expect(servers.length).toBeGreaterThan(2);
  const second = await system.publish(32);
  process.kill(wrapper, "SIGKILL");
  // Whoever supervises a Triton may die; the server does not outlive it.
  await until(
    () => !servers.some(isRunning),
    40_000,
    () => `still there: ${servers.filter(isRunning)}`,
  );
  expect(await system.untilVerdicts(second, 90_000)).toHaveLength(32);
  expect(system.restartsOf("triton")).toBe(1);
});
