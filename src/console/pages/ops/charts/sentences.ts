/** What a chart says, in one sentence, for those who do not see it and those in a hurry. Pure. */
import { opsChartText as text } from "../../../strings/ops-charts.en.ts";
import type { ChartLine, ChartPicture } from "./chart-picture.ts";
import type { ChartName } from "./pictures.ts";

/** A line of which something is known. */
interface Told {
  key: string;
  label: string;
  last: number;
  most: number;
  /** All that was known of it, the oldest first. */
  known: readonly number[];
}

type Words = (value: number) => string;

export function sentenceOf(name: ChartName, { lines, goal, timeline }: ChartPicture, words: Words): string {
  const told = lines.flatMap(toldOf);
  const missingMs = timeline.gaps.reduce((sum, [fromS, toS]) => sum + (toS - fromS) * 1000, 0);
  return told.length === 0 ? text.nothing : `${bodyOf(name, told, goal, words)}${text.missing(missingMs)}`;
}

/** Every line as it is now: said to those who do not see what stands below the chart. */
export function presentOf({ lines }: ChartPicture, words: Words): string {
  return text.now(lines.flatMap(toldOf).map(({ label, last }) => `${label} ${words(last)}`));
}

function bodyOf(name: ChartName, told: readonly Told[], goal: ChartPicture["goal"], words: Words): string {
  const most = told.reduce((one, other) => (other.most > one.most ? other : one));
  const of = (key: string) => told.find((one) => one.key === key);
  switch (name) {
    case "flow": {
      const out = told.filter(({ key }) => key !== "in").reduce((sum, { last }) => sum + last, 0);
      const expired = of("expired")?.known.some((rate) => rate > 0) ?? false;
      return text.sentence.flow(words(of("in")?.last ?? 0), words(out), expired);
    }
    case "age":
      return text.sentence.age(
        most.label,
        words(most.most),
        told.filter(({ last }) => goal !== undefined && last > goal.value).map(({ label }) => label),
      );
    case "replicas":
      return text.sentence.replicas(
        of("running")?.last ?? null,
        of("wanted")?.last ?? null,
        of("running")?.most ?? null,
      );
    case "service":
      return text.sentence.service(words(of("p95")?.most ?? most.most), words(of("waiting")?.most ?? 0));
    case "depth":
    case "busy":
      return text.sentence.most(most.label, words(most.most));
  }
}

function toldOf({ key, label, values }: ChartLine): Told[] {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  return last === undefined ? [] : [{ key, label, last, most: Math.max(...known), known }];
}
