/** A change put onto what is tuned, or refused in sentences. Pure. */
import { type StageName, stageNames } from "../stages.ts";
import {
  type StageTuning,
  type TunedStages,
  type TuningField,
  tunedNumbers,
  tuningFields,
  tuningLimits,
} from "./tuning.ts";
import { TuningError } from "./tuning-error.ts";

/** Only the fields that are named change; null: back to the deployment's default. */
export type TuningChange = Partial<Record<StageName, { [Field in TuningField]?: StageTuning[Field] | null }>>;

/** Deployments' limits, as far as they are known: a pool that nobody scales has none. */
export type KnownLimits = Partial<Record<StageName, { min: number; max: number }>>;

/** @throws TuningError `invalid-tuning`, with a sentence for everything that is wrong */
export function mergeChange(stages: TunedStages, change: TuningChange, defaults: KnownLimits = {}): TunedStages {
  const problems: string[] = [];
  const merged: TunedStages = { ...stages };
  for (const [name, fields] of Object.entries(change)) {
    const stage = stageNames.find((each) => each === name);
    if (stage) merged[stage] = mergeStage(stage, stages[stage], fields, problems);
    else problems.push(`there is no stage ${JSON.stringify(name)}: stages are ${stageNames.join(", ")}`);
  }
  if (problems.length === 0) problems.push(...crossed(change, merged, defaults));
  if (problems.length > 0) throw new TuningError("invalid-tuning", problems.join("\n"));
  return tidy(merged);
}

function mergeStage(
  stage: StageName,
  before: StageTuning = {},
  fields: TuningChange[StageName] = {},
  problems: string[],
): StageTuning {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(fields)) {
    const field = tuningFields.find((each) => each === name);
    if (value === undefined) continue;
    if (!field)
      problems.push(`${stage}: there is no ${JSON.stringify(name)} to tune: there are ${tuningFields.join(", ")}`);
    else if (value === null) delete merged[field];
    else if (isAllowed(field, value)) merged[field] = value;
    else problems.push(`${stage}: ${words(field)}; ${JSON.stringify(value)} is not`);
  }
  return merged;
}

function isAllowed(field: TuningField, value: unknown): boolean {
  if (field === "paused") return typeof value === "boolean";
  const { min, max } = tuningLimits[field];
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

const words = (field: TuningField) => (field === "paused" ? "paused is true or false" : tuningLimits[field].words);

/**
 * Minima over maxima where the change touches one, whether the other comes from it, from an earlier one or from the
 * deployment. Others are no reason to refuse it: a deployment's defaults may have moved, and a pause must be possible.
 */
function crossed(change: TuningChange, stages: TunedStages, defaults: KnownLimits): string[] {
  return stageNames.flatMap((stage) => {
    const tuned = change[stage]?.min !== undefined || change[stage]?.max !== undefined ? stages[stage] : undefined;
    const [min, max] = [tuned?.min ?? defaults[stage]?.min, tuned?.max ?? defaults[stage]?.max];
    if (tuned === undefined || min === undefined || max === undefined || min <= max) return [];
    const from = (field: "min" | "max") => (tuned[field] === undefined ? " (the default)" : "");
    return [`${stage}: min ${min}${from("min")} is over max ${max}${from("max")}`];
  });
}

/** Without stages that nothing is tuned of, and with what is not paused unsaid: so equal documents look equal. */
function tidy(stages: TunedStages): TunedStages {
  const kept = stageNames.flatMap((stage) => {
    const { paused, ...numbers } = stages[stage] ?? {};
    const tuned: StageTuning = {};
    for (const field of tunedNumbers) if (numbers[field] !== undefined) tuned[field] = numbers[field];
    if (paused) tuned.paused = true;
    return Object.keys(tuned).length > 0 ? [[stage, tuned] as const] : [];
  });
  return Object.fromEntries(kept);
}

/** Whether a change does nothing but pause and resume. */
export function onlyPauses(change: TuningChange): boolean {
  return Object.values(change).every((fields) =>
    Object.entries(fields).every(([field, value]) => field === "paused" || value === undefined),
  );
}
