/**
 * The fields of the settings forms, and what may stand in them. The bounds are the contract's, which the page does not
 * load; a test holds the two together.
 */
import { durationText, parseDuration } from "./duration-text.ts";

export type FieldUnit = "count" | "days" | "duration" | "percent" | "yes-no";

export interface Field {
  unit: FieldUnit;
  /** In the unit of the API: numbers, days, milliseconds, shares. */
  min: number;
  max: number;
}

const days: Field = { unit: "days", min: 1, max: 3_650 };
const longest = Number.MAX_SAFE_INTEGER;
const target: Field = { unit: "duration", min: 1_000, max: longest };
const count: Field = { unit: "count", min: 1, max: longest };
const yesNo: Field = { unit: "yes-no", min: 0, max: 1 };

export const settingFields = {
  retention: { severe: days, high: days, medium: days, low: days, sampled: days },
  targets: { severe: target, high: target, medium: target, low: target },
  exposure: {
    severeIncidentsPerHour: count,
    severeMsPerHour: { unit: "duration", min: 1_000, max: longest },
    severeInARow: count,
    breakEveryMs: { unit: "duration", min: 60_000, max: longest },
    leastBlur: { unit: "percent", min: 0, max: 0.1 },
    coverLow: yesNo,
    coverMedium: yesNo,
  },
} as const satisfies Record<string, Record<string, Field>>;

export type FormName = keyof typeof settingFields;
export type FieldProblem = "empty" | "not-a-number" | "not-whole" | "not-a-duration" | "too-small" | "too-large";

/** What stands in the fields, as typed. */
export type Draft = Readonly<Record<string, string>>;
export type SettingValue = Record<string, number | boolean>;

/** The fields of a form with the stored value in them. */
export function draftOf(form: FormName, value: Record<string, unknown>): Draft {
  return Object.fromEntries(fieldsOf(form).map(([name, field]) => [name, textOf(field, value[name])]));
}

/** What the fields say: the value to store, and what is wrong with which field. */
export function readDraft(form: FormName, draft: Draft) {
  const value: SettingValue = {};
  const problems: Record<string, FieldProblem> = {};
  for (const [name, field] of fieldsOf(form)) {
    const read = readField(field, draft[name] ?? "");
    if (typeof read === "string") problems[name] = read;
    else value[name] = read;
  }
  return { value, problems };
}

/** Names of the fields that say something else than the stored value does. */
export function changedFields(form: FormName, stored: Record<string, unknown>, draft: Draft): string[] {
  const { value, problems } = readDraft(form, draft);
  return Object.keys(settingFields[form]).filter((name) => name in problems || value[name] !== stored[name]);
}

/** A stored value as its field would show it. */
export function textOf({ unit }: Field, value: unknown): string {
  if (unit === "yes-no") return value === true ? "yes" : "no";
  if (typeof value !== "number") return "";
  if (unit === "duration") return durationText(value);
  return unit === "percent" ? String(Number((value * 100).toFixed(3))) : String(value);
}

export function fieldsOf(form: FormName): [string, Field][] {
  return Object.entries(settingFields[form]);
}

function readField(field: Field, text: string): number | boolean | FieldProblem {
  if (field.unit === "yes-no") return text === "yes";
  if (text.trim() === "") return "empty";
  const value = field.unit === "duration" ? parseDuration(text) : parseNumber(text);
  if (value === null) return field.unit === "duration" ? "not-a-duration" : "not-a-number";
  const inApiUnits = field.unit === "percent" ? value / 100 : value;
  if (field.unit !== "percent" && !Number.isInteger(inApiUnits)) return "not-whole";
  if (inApiUnits < field.min) return "too-small";
  return inApiUnits > field.max ? "too-large" : inApiUnits;
}

function parseNumber(text: string): number | null {
  return /^-?\d{1,15}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null;
}
