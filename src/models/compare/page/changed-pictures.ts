import type { ChangedPicture } from "../comparison.ts";
import { html, type Markup, name } from "./markup.ts";

/** Scores that are shown of a picture. */
const shownScores = 4;

/**
 * The pictures on which the models do not agree. They are covered until somebody ticks them: nobody needs to see them
 * to read the figures.
 * @param previews small JPEGs by the picture's name; a picture that has none is shown by its figures alone
 */
export function changedPictures(
  pictures: readonly ChangedPicture[],
  previews: ReadonlyMap<string, Uint8Array>,
): Markup {
  return html`<ul class="grid">${pictures.map((picture) => card(picture, previews.get(picture.name)))}</ul>`;
}

function card(picture: ChangedPicture, preview: Uint8Array | undefined): Markup {
  const rows = mostChanged(picture).map(
    ({ label, a, b }) =>
      html`<tr><th scope="row" class="text">${name(label)}</th><td>${score(a)}</td><td>${score(b)}</td></tr>`,
  );
  return html`<li class="card">${preview ? cover(preview) : html``}<h3>${name(picture.name)}</h3>
<p>${name(picture.a)} → <strong>${name(picture.b)}</strong></p>
<table><thead><tr><th class="text">score</th><th>A</th><th>B</th></tr></thead><tbody>${rows}</tbody></table></li>`;
}

function cover(jpeg: Uint8Array): Markup {
  const source = `data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}`;
  return html`<label class="cover"><input type="checkbox" aria-label="Uncover the picture"><img alt="" src="${source}"></label>`;
}

function mostChanged({ scores }: ChangedPicture) {
  return Object.keys(scores.a)
    .map((label) => ({ label, a: scores.a[label] ?? null, b: scores.b[label] ?? null }))
    .toSorted((first, second) => moved(second) - moved(first))
    .slice(0, shownScores);
}

/** What is no number comes first. */
function moved({ a, b }: { a: number | null; b: number | null }): number {
  return a === null || b === null ? Number.POSITIVE_INFINITY : Math.abs(b - a);
}

function score(value: number | null): string {
  return value === null ? "no number" : value.toFixed(4);
}
