import { createHash } from "node:crypto";

const style = `:root{color-scheme:light dark;font:16px/1.5 Inter,system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#f6f8fa,#0e1116);color:light-dark(#1b2430,#e6eaf0)}
main{max-width:32rem;padding:2rem}
h1{font-size:1.25rem;line-height:1.75rem;margin:0 0 .75rem}
form{display:grid;gap:.75rem;margin:1.5rem 0 0}
button{font:inherit;padding:.875rem 1rem;border:1px solid light-dark(#737f8e,#728093);border-radius:4px;background:light-dark(#eef1f5,#1f2630);color:inherit;text-align:start;cursor:pointer}
button:focus-visible,a:focus-visible{outline:2px solid light-dark(#1b2430,#fff);outline-offset:2px}
a{color:light-dark(#5b3fc4,#b9a8ff)}`;

/** For the content security policy of such pages: it is the one style that they may have. */
export const styleSource = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

/** A page that the console has no part in. @param body HTML; whatever comes from outside must be escaped */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} · briareus</title><link rel="icon" href="/icon.svg" type="image/svg+xml"><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body>
</html>
`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
