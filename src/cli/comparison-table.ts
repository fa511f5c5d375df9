import { styleText } from "node:util";
import type { Comparison, ModelOfComparison } from "../models/compare/comparison.ts";
import { decisiveScores, scoreInWords } from "../models/compare/decisive-scores.ts";
import { decimalPlace, difference, percent, signed } from "../models/compare/figures.ts";
import { figureTable } from "./text-table.ts";

/** Changed and unreadable pictures that are named; files have the others. */
const shownPictures = 10;

/** A comparison for a terminal, with a line feed at its end. */
export function comparisonTable(comparison: Comparison): string {
  const { a, b, pictures, policy, ranks, notFinite } = comparison;
  const of = (count: number) => `${count} of ${pictures.compared} (${percent(count / pictures.compared)})`;
  const odd = notFinite.a + notFinite.b > 0;
  const lines = [
    `A  ${modelInWords(a)}`,
    `B  ${modelInWords(b)}`,
    `${plain(pictures.description)}: ${pictures.compared} compared, ${pictures.unreadable.length} unreadable`,
    policy
      ? `policy ${plain(policy.version)}, for the model ${plain(policy.model)}`
      : "no policy: labels with the highest score are compared",
    "",
    ...classTable(comparison),
    "",
    ...thresholdTable(comparison),
    `another top label        ${of(ranks.top)}`,
    `another order of labels  ${of(ranks.order)}`,
    ...(odd ? [`no finite number as a score: ${notFinite.a} by A, ${notFinite.b} by B`] : []),
    styleText("bold", `another ${policy ? "verdict  " : "top label"}        ${of(comparison.changed.count)}`),
    ...changedLines(comparison),
  ];
  return `${lines.join("\n")}\n`;
}

/** What could steer a terminal is shown as a mark. */
export function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, "\ufffd");
}

function modelInWords({ reference, version, input }: ModelOfComparison): string {
  return `${plain(reference)}${version === undefined ? "" : `, version ${version}`}  (${input})`;
}

function classTable({ classes }: Comparison): string[] {
  return figureTable(
    ["class", "largest", "mean", "shift", "from decimal"],
    classes.map(({ label, largest, mean, shift, fromDecimal }) => [
      plain(label),
      difference(largest),
      difference(mean),
      signed(shift),
      decimalPlace(fromDecimal),
    ]),
    1,
  );
}

function thresholdTable({ thresholds }: Comparison): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map(({ category, label, rule, threshold, near, crossed }) =>
    [category, label, rule, threshold, near, crossed].map((cell) => plain(String(cell))),
  );
  return [...figureTable(["category", "label", "rule", "threshold", "near", "crossed"], rows, 3), ""];
}

function changedLines({ changed, thresholds }: Comparison): string[] {
  const shown = changed.pictures.slice(0, shownPictures).map((picture) => {
    const [decisive] = decisiveScores(picture, thresholds);
    const why = decisive ? `${decisive.label} ${scoreInWords(decisive.a)} → ${scoreInWords(decisive.b)}` : "";
    return `  ${plain(`${picture.name}: ${picture.a} → ${picture.b}  (${why})`)}`;
  });
  const more = changed.count - shown.length;
  return more > 0 ? [...shown, `  and ${more} more: --json and --html name them`] : shown;
}
