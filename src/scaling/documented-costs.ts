/** What a capture costs each part of the system, as docs/benchmarks.md has it: two cores of x86-64, the demo model. */
import { type StageName, stageNames } from "../pipeline/stages.ts";

/** What can be given more of: the four pools, and the model server that infer waits for. */
export const plannedNames = [...stageNames, "model-server"] as const;
export type PlannedName = StageName | "model-server";

export interface DocumentedCost {
  /** Of a core, per capture. */
  cpuMs: number;
  /** Of one process, at its peak. */
  memoryMiB: number;
}

export const documentedCosts: Record<PlannedName, DocumentedCost> = {
  fetch: { cpuMs: 0.9, memoryMiB: 200 },
  preprocess: { cpuMs: 7.4, memoryMiB: 325 },
  infer: { cpuMs: 1.6, memoryMiB: 308 },
  postprocess: { cpuMs: 0.7, memoryMiB: 200 },
  "model-server": { cpuMs: 9.7, memoryMiB: 385 },
};

/** Of a core, per capture, of what no pool's number changes. */
export const besideCpuMs = { ingress: 0.7, redis: 0.4 };
