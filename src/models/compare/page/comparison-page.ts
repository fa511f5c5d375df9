import type { Comparison, ModelOfComparison } from "../comparison.ts";
import { decimalPlace, difference, percent, signed } from "../figures.ts";
import { changedPictures } from "./changed-pictures.ts";
import { differenceHistogram } from "./difference-histogram.ts";
import { html, type Markup, name } from "./markup.ts";
import { style } from "./style.ts";

export interface PageParts {
  /** Small JPEGs of changed pictures, by their names. */
  previews: ReadonlyMap<string, Uint8Array>;
  /** The share of changed pictures that is allowed, and why it is not kept to; absent where none was set. */
  gate?: { maxChanged: number; refusal: string | undefined };
}

/** Cards on the page; the JSON has all changed pictures. */
export const shownPictures = 50;
const shownUnreadable = 200;

/** A comparison as one HTML file that needs nothing else, no network and no script. */
export function comparisonPage(comparison: Comparison, parts: PageParts): string {
  const { a, b } = comparison;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${b.reference} against ${a.reference}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<main>
<h1>Two models on the same pictures</h1>
${headline(comparison, parts)}
${facts(comparison)}
${changedSection(comparison, parts)}
${thresholdSection(comparison)}
${classSection(comparison)}
${unreadableSection(comparison)}
</main>
</body>
</html>
`;
  return page.markup;
}

function headline({ changed, pictures, policy }: Comparison, { gate }: PageParts): Markup {
  const what = policy ? "verdicts" : "top labels";
  const accepted = gate && !gate.refusal;
  const verdict = gate
    ? html`<p class="${accepted ? "good" : "bad"}">${accepted ? "Accepted" : "Not accepted"}: ${percent(gate.maxChanged)} may change.</p>`
    : html``;
  return html`<p class="sentence">${changed.count} of ${pictures.compared} ${what} change (${percent(changed.share)})</p>${verdict}`;
}

function facts({ comparedAt, a, b, policy, pictures, notFinite, ranks }: Comparison): Markup {
  const model = ({ reference, version, input }: ModelOfComparison) =>
    html`${name(reference)}${version ? `, version ${version}` : ""} <span class="muted">${input}</span>`;
  const of = (count: number) => `${count} (${percent(count / pictures.compared)})`;
  const numbers =
    notFinite.a + notFinite.b > 0
      ? html`<dt>No numbers</dt><dd class="bad">A gives ${notFinite.a} pictures a score that is no finite number, B ${notFinite.b}</dd>`
      : html``;
  return html`<dl>
<dt>A, the reference</dt><dd>${model(a)}</dd>
<dt>B, in its place</dt><dd>${model(b)}</dd>
<dt>Pictures</dt><dd>${name(pictures.description)}: ${pictures.compared} compared, ${pictures.unreadable.length} unreadable</dd>
<dt>Policy</dt><dd>${policy ? html`${name(policy.version)}, for the model ${name(policy.model)}` : html`none: labels with the highest score are compared`}</dd>
<dt>Another top label</dt><dd>${of(ranks.top)}</dd>
<dt>Another order of labels</dt><dd>${of(ranks.order)}</dd>
${numbers}<dt>Compared</dt><dd>${comparedAt}</dd></dl>`;
}

function changedSection({ changed, thresholds }: Comparison, { previews }: PageParts): Markup {
  const title = changed.by === "verdict" ? "Verdicts that change" : "Top labels that change";
  if (changed.count === 0) return html`<section><h2>${title}</h2><p>None.</p></section>`;
  const shown = changed.pictures.slice(0, shownPictures);
  const more = changed.count > shown.length ? `The first ${shown.length} of ${changed.count}. ` : "";
  return html`<section><h2>${title}</h2>
<p class="muted">${more}By A → by B. Pictures are covered; tick one to see it.</p>${changedPictures(shown, thresholds, previews)}</section>`;
}

function thresholdSection({ thresholds }: Comparison): Markup {
  if (thresholds.length === 0) return html``;
  const rows = thresholds.map(
    ({ category, label, rule, threshold, near, crossed }) =>
      html`<tr><th scope="row" class="text">${name(category)}</th><td class="text">${name(label)}</td><td class="text">${rule}</td><td>${threshold}</td><td>${near}</td><td>${crossed}</td></tr>`,
  );
  return html`<section><h2>Near the thresholds</h2>
<p class="muted">Near: pictures whose score by A is no further from the threshold than the largest difference of the class. Crossed: pictures that reach it by one of the models alone.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Thresholds"><table><thead><tr><th scope="col" class="text">category</th><th scope="col" class="text">label</th><th scope="col" class="text">rule</th><th scope="col">threshold</th><th scope="col">near</th><th scope="col">crossed</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function classSection({ classes }: Comparison): Markup {
  const rows = classes.map(
    ({ label, largest, mean, shift, fromDecimal }) =>
      html`<tr><th scope="row" class="text">${name(label)}</th><td>${difference(largest)}</td><td>${difference(mean)}</td><td>${signed(shift)}</td><td>${decimalPlace(fromDecimal)}</td></tr>`,
  );
  const cards = classes.map(
    (each) => html`<li class="card"><h3>${name(each.label)}</h3>${differenceHistogram(each)}</li>`,
  );
  return html`<section><h2>Differences of the scores</h2>
<p class="muted">Shift: the mean of B less A. From decimal: the first place of which the largest difference is at least half a unit.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Differences by class"><table><thead><tr><th scope="col" class="text">class</th><th scope="col">largest</th><th scope="col">mean</th><th scope="col">shift</th><th scope="col">from decimal</th></tr></thead><tbody>${rows}</tbody></table></div>
<p class="muted">Pictures by how much their scores differ:</p>
<ul class="grid">${cards}</ul></section>`;
}

function unreadableSection({ pictures: { unreadable } }: Comparison): Markup {
  if (unreadable.length === 0) return html``;
  const rows = unreadable.slice(0, shownUnreadable).map((each) => html`<li>${name(each.name)}: ${each.reason}</li>`);
  const more =
    unreadable.length > shownUnreadable ? html`<li>and ${unreadable.length - shownUnreadable} more</li>` : html``;
  return html`<section><h2>Unreadable pictures</h2><details><summary>${unreadable.length}, in no figure above</summary><ul>${rows}${more}</ul></details></section>`;
}
