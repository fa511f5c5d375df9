/**
 * A change of tuning that is being written: nothing of it is live. It remembers the version that it was begun on; when
 * another one comes into force meanwhile, both are shown, and only a second word puts the draft onto the newer. Pure.
 */
import type { OpsStage } from "../../../../review/contract/ops.ts";
import type { OpsTuning, StageChange, TuningField } from "../../../../review/contract/ops-tuning.ts";
import { opsTuningText as text } from "../../../strings/ops-tuning.en.ts";
import { stages } from "../stages.ts";

export const draftFields = ["concurrency", "batch", "min", "max", "goalMs"] as const satisfies TuningField[];
export type DraftField = (typeof draftFields)[number];

export interface TuningDraft {
  version: number;
  /** What was in force when it was begun. */
  base: OpsTuning["stages"];
  /** What is typed, where something is; an empty text means the deployment's default. */
  texts: Partial<Record<OpsStage, Partial<Record<DraftField, string>>>>;
}

export interface DraftChange {
  stage: OpsStage;
  field: DraftField;
  /** null: the deployment's default. */
  from: number | null;
  to: number | null;
}

/** What a field shows: what is typed, else what is in force; empty for the default. */
export function textOf(tuning: OpsTuning, draft: TuningDraft | null, stage: OpsStage, field: DraftField): string {
  const typed = draft?.texts[stage]?.[field];
  if (typed !== undefined) return typed;
  const value = tuning.stages[stage]?.[field];
  return value === undefined ? "" : shown(field, value);
}

/** A value as its field says it: the goal in seconds. */
const shown = (field: DraftField, value: number) => String(field === "goalMs" ? value / 1000 : value);

export function typedInto(
  draft: TuningDraft | null,
  tuning: OpsTuning,
  { stage, field, text: typed }: { stage: OpsStage; field: DraftField; text: string },
): TuningDraft | null {
  const begun = draft ?? { version: tuning.version, base: tuning.stages, texts: {} };
  const { [field]: _, ...others } = begun.texts[stage] ?? {};
  const unchanged = typed.trim() === textOf(tuning, null, stage, field);
  const { [stage]: __, ...otherStages } = begun.texts;
  const own = unchanged ? others : { ...others, [field]: typed };
  const texts = Object.keys(own).length === 0 ? otherStages : { ...otherStages, [stage]: own };
  return Object.keys(texts).length === 0 ? null : { ...begun, texts };
}

/** What is wrong with a field as it stands now, in words; null: nothing. */
export function problemOf(
  tuning: OpsTuning,
  draft: TuningDraft | null,
  stage: OpsStage,
  field: DraftField,
): string | null {
  const value = read(field, textOf(tuning, draft, stage, field));
  if (value === "not-a-number") return field === "goalMs" ? text.problem.seconds : text.problem.whole;
  const { min, max, words } = tuning.limits[field];
  if (value !== null && (value < min || value > max)) return words;
  if (field !== "min" && field !== "max") return null;
  const [least, most] = (["min", "max"] as const).map((one) => effective(tuning, draft, stage, one));
  return least != null && most != null && least > most ? text.problem.minOverMax(least, most) : null;
}

/** What the draft would change, in the order of the pipeline; fields that cannot be read are left out. */
export function changesOf(draft: TuningDraft | null): DraftChange[] {
  return stages.flatMap((stage) =>
    draftFields.flatMap((field) => {
      const typed = draft?.texts[stage]?.[field];
      if (draft === null || typed === undefined) return [];
      const to = read(field, typed);
      return to === "not-a-number" ? [] : [{ stage, field, from: draft.base[stage]?.[field] ?? null, to }];
    }),
  );
}

/** Whether every field of the draft can be sent. */
export function isSound(tuning: OpsTuning, draft: TuningDraft): boolean {
  return stages.every((stage) =>
    draftFields.every(
      (field) => draft.texts[stage]?.[field] === undefined || problemOf(tuning, draft, stage, field) === null,
    ),
  );
}

/** The draft as the server is asked for it. */
export function requestOf(draft: TuningDraft): { version: number; stages: Partial<Record<OpsStage, StageChange>> } {
  const changed: Partial<Record<OpsStage, StageChange>> = {};
  for (const { stage, field, to } of changesOf(draft)) changed[stage] = { ...changed[stage], [field]: to };
  return { version: draft.version, stages: changed };
}

/** The same words on the version that is in force now. */
export const onto = (draft: TuningDraft, now: OpsTuning): TuningDraft => ({
  ...draft,
  version: now.version,
  base: now.stages,
});

/** What differs between the version that a draft was begun on, the one in force, and the draft; no `yours`: not touched. */
export function conflictOf(draft: TuningDraft, tuning: OpsTuning) {
  const rows: { stage: OpsStage; field: TuningField; was: Tuned; now: Tuned; yours?: Tuned }[] = [];
  const changes = changesOf(draft);
  for (const stage of stages)
    for (const field of [...draftFields, "paused"] as const) {
      const was = draft.base[stage]?.[field] ?? null;
      const now = tuning.stages[stage]?.[field] ?? null;
      const mine = changes.find((change) => change.stage === stage && change.field === field);
      if (was !== now || mine) rows.push({ stage, field, was, now, yours: mine?.to });
    }
  return rows;
}

export type Tuned = number | boolean | null;

function effective(tuning: OpsTuning, draft: TuningDraft | null, stage: OpsStage, field: "min" | "max"): number | null {
  const value = read(field, textOf(tuning, draft, stage, field));
  if (value === "not-a-number") return null;
  return value ?? tuning.defaults[stage][field];
}

function read(field: DraftField, typed: string): number | null | "not-a-number" {
  const plain = typed.trim().replace(/\s*s$/, "");
  if (plain === "") return null;
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(plain)) return "not-a-number";
  const value = field === "goalMs" ? Math.round(Number(plain) * 1000) : Number(plain);
  return Number.isInteger(value) ? value : "not-a-number";
}
