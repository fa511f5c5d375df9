/** What a chart says, in one sentence, for those who do not see it and those in a hurry. Pure. */
import { opsChartText as text } from "../../../strings/ops-charts.en.ts";
import type { ChartLine, ChartPicture } from "./chart-picture.ts";
import type { ChartName } from "./pictures.ts";

interface Told {
  label: string;
  last: number;
  most: number;
}

export function sentenceOf(
  name: ChartName,
  { lines, goal, timeline }: ChartPicture,
  words: (value: number) => string,
): string {
  const told = lines.flatMap(toldOf);
  const [first] = told;
  if (first === undefined) return text.nothing;
  const missing = timeline.gaps.reduce((sum, [fromS, toS]) => sum + toS - fromS, 0);
  return `${bodyOf(name, told, goal, words)}${text.missing(missing * 1000)}`;
}

function bodyOf(
  name: ChartName,
  told: readonly Told[],
  goal: ChartPicture["goal"],
  words: (value: number) => string,
): string {
  const most = told.reduce((one, other) => (other.most > one.most ? other : one));
  const now = told.map(({ label, last }) => `${label} ${words(last)}`);
  switch (name) {
    case "flow":
    case "replicas":
    case "service":
      return text.now(now);
    case "age":
      return text.age(
        most.label,
        words(most.most),
        goal ? told.filter(({ last }) => last > goal.value).map(({ label }) => label) : [],
      );
    case "depth":
    case "busy":
      return text.most(most.label, words(most.most), now);
  }
}

function toldOf({ label, values }: ChartLine): Told[] {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  return last === undefined ? [] : [{ label, last, most: Math.max(...known) }];
}
