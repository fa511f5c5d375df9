/** What a plan reckons with: what somebody says, else what the running system measures, else what is documented. Pure. */
import { stages } from "../pipeline/stages.ts";
import type { PlannedPool } from "./capacity.ts";
import { documentedCosts, type PlannedName, plannedNames } from "./documented-costs.ts";
import { assumedServiceMs } from "./measure.ts";

/** Of a pool that runs, and has worked. */
export interface MeasuredService {
  serviceMs: number;
  concurrency: number;
  batch: number;
}

/** What is said in the place of what is measured or documented. */
export type Overrides = {
  [Field in "serviceMs" | "concurrency" | "cpuMs" | "memoryMiB"]: ReadonlyMap<PlannedName, number>;
};

export interface SourcedPool extends PlannedPool {
  /** Where the service time is from; core: the slots of a worker share its one core, so that none is quicker. */
  source: "given" | "measured" | "documented" | "core";
}

const usualBatch = 16;

export function plannedPools(measured: ReadonlyMap<PlannedName, MeasuredService>, overrides: Overrides): SourcedPool[] {
  return plannedNames.map((name) => plannedPool(name, measured.get(name), overrides));
}

function plannedPool(name: PlannedName, measured: MeasuredService | undefined, overrides: Overrides): SourcedPool {
  const documented = documentedCosts[name];
  const cpuMs = overrides.cpuMs.get(name) ?? documented.cpuMs;
  const memoryMiB = overrides.memoryMiB.get(name) ?? documented.memoryMiB;
  const concurrency = overrides.concurrency.get(name) ?? measured?.concurrency ?? documentedSlots(name);
  const common = { name, concurrency, batch: measured?.batch ?? usualBatch, cpuMs, memoryMiB };
  const given = overrides.serviceMs.get(name);
  if (given !== undefined) return { ...common, serviceMs: given, source: "given" };
  const known = measured?.serviceMs ?? documentedServiceMs(name);
  const shared = cpuMs * concurrency;
  if (shared > known) return { ...common, serviceMs: shared, source: "core" };
  return { ...common, serviceMs: known, source: measured ? "measured" : "documented" };
}

const documentedSlots = (name: PlannedName) => (name === "model-server" ? 1 : stages[name].concurrency);

/** The model server's is the CPU time of the demo model on one core. */
const documentedServiceMs = (name: PlannedName) =>
  name === "model-server" ? documentedCosts[name].cpuMs : assumedServiceMs[name];
