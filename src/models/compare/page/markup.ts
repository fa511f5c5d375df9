/** A piece of HTML or SVG whose every part is either written here or escaped. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

/** Text and numbers put into the template are escaped, in elements and in quoted attributes alike. */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: template.map((text, index) => text + inMarkup(values[index] ?? "")).join("") };
}

/** A name that somebody else chose: kept apart from the text around it, with marks for what cannot be seen. */
export function name(text: string): Markup {
  const plain = text.replaceAll(/\p{C}/gu, "\ufffd");
  return html`<bdi>${plain.length > longest ? `${plain.slice(0, longest)}…` : plain}</bdi>`;
}

const longest = 200;

function inMarkup(value: Value): string {
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  if ("markup" in value) return value.markup;
  return value.map(({ markup }) => markup).join("");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
