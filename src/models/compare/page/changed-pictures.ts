import type { ChangedPicture, Comparison } from "../comparison.ts";
import { decisiveScores, type ScorePair, scoreInWords } from "../decisive-scores.ts";
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
  thresholds: Comparison["thresholds"],
  previews: ReadonlyMap<string, Uint8Array>,
): Markup {
  const cards = pictures.map((picture) => {
    const scores = decisiveScores(picture, thresholds).slice(0, shownScores);
    return card(picture, scores, previews.get(picture.name));
  });
  return html`<ul class="grid">${cards}</ul>`;
}

function card(picture: ChangedPicture, scores: readonly ScorePair[], preview: Uint8Array | undefined): Markup {
  const rows = scores.map(({ label, a, b }) => {
    const [byA, byB] = [scoreInWords(a), scoreInWords(b)];
    return html`<tr><th scope="row" class="text">${name(label)}</th><td>${byA}</td><td>${byB}</td></tr>`;
  });
  return html`<li class="card">${preview ? cover(preview) : html``}<h3>${name(picture.name)}</h3>
<p>${name(picture.a)} → <strong>${name(picture.b)}</strong></p>
<table><thead><tr><th class="text">score</th><th>A</th><th>B</th></tr></thead><tbody>${rows}</tbody></table></li>`;
}

function cover(jpeg: Uint8Array): Markup {
  const source = `data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}`;
  return html`<label class="cover"><input type="checkbox" aria-label="Uncover the picture"><img alt="" src="${source}"></label>`;
}
