import { startBriareus } from "./briareus.ts";
import { pythonPeers, startPythonPeer } from "./python-peer.ts";
import type { StartOptions, SystemUnderTest } from "./system-under-test.ts";

export const systemNames = [...pythonPeers, "briareus"] as const;
export type SystemName = (typeof systemNames)[number];

export async function startSystemUnderTest(name: SystemName, options: StartOptions): Promise<SystemUnderTest> {
  return name === "briareus" ? await startBriareus(options) : await startPythonPeer(name, options);
}
