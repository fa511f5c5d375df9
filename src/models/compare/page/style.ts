/** The page's whole style: the colours of the console, light or dark as the reader's system is. */
export const style = `
:root {
  color-scheme: light dark;
  --bg: light-dark(#f6f8fa, #0e1116);
  --card: light-dark(#ffffff, #161b22);
  --line: light-dark(#d5dce4, #2b3440);
  --text: light-dark(#1b2430, #e6eaf0);
  --muted: light-dark(#4c5869, #a3aebd);
  --accent: light-dark(#5b3fc4, #b9a8ff);
  --focus: light-dark(#1b2430, #ffffff);
  --good: light-dark(#1f7358, #58efc8);
  --bad: light-dark(#8a0a2c, #ee6a64);
  --well: #1a1c1f;
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 75rem; background: var(--bg); color: var(--text);
  font: 0.875rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1 { font-size: 1.25rem; margin: 0 0 0.25rem; }
h2 { font-size: 1rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 0.875rem; margin: 0; }
p { margin: 0.25rem 0; max-width: 60rem; }
.sentence { font-size: 1.75rem; line-height: 1.3; margin: 0.75rem 0 0.25rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.muted, caption, th { color: var(--muted); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.125rem 1rem; margin: 1rem 0 0; }
dt { color: var(--muted); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: right; padding: 0.3rem 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400; }
thead th { vertical-align: bottom; }
.text { text-align: left; }
th:first-child, td:first-child { padding-left: 0; }
tbody th { color: var(--text); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1rem; padding: 0; margin: 0.75rem 0; list-style-type: ""; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; min-width: 0; }
svg { display: block; width: 100%; height: auto; }
.bar { fill: var(--accent); }
.catch { fill: transparent; }
.axis { stroke: var(--muted); }
.tick, .count { fill: var(--muted); font-size: 11px; }
.cover { display: block; background: var(--well); margin: -0.75rem -1rem 0.75rem; border-radius: 8px 8px 0 0; overflow: hidden; position: relative; cursor: pointer; }
.cover img { display: block; width: 100%; height: 11rem; object-fit: contain; filter: blur(14px) grayscale(1); }
.cover input { position: absolute; left: 0.75rem; top: 0.75rem; width: 1.25rem; height: 1.25rem; margin: 0; z-index: 1; }
.cover input:checked + img { filter: none; }
.scroll:focus-visible, .cover:focus-within { outline: 2px solid var(--focus); outline-offset: 2px; }
.card table { width: 100%; }
.card td, .card th { padding: 0.15rem 0; }
summary { cursor: pointer; }
@media print { body { max-width: none; } }
`;
