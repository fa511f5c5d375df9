/** What the browser loads first is small, and the page that it loads keeps to the content security policy. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";

const config = join(import.meta.dirname, "../../../src/console/vite.config.ts");
const Manifest = z.record(
  z.string(),
  z.object({
    file: z.string(),
    imports: z.array(z.string()).default([]),
    css: z.array(z.string()).default([]),
  }),
);

type File = { fileName: string; content: string | Uint8Array };
let files: Map<string, string | Uint8Array>;

beforeAll(async () => {
  // Else Vite builds what developers debug.
  vi.stubEnv("NODE_ENV", "production");
  const built = await build({ configFile: config, logLevel: "error", build: { write: false } });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ("output" in one ? one.output : []));
  const list: File[] = outputs.map((one) => ({
    fileName: one.fileName,
    content: one.type === "chunk" ? one.code : one.source,
  }));
  files = new Map(list.map(({ fileName, content }) => [fileName, content]));
});

const textOf = (name: string) => Buffer.from(files.get(name) ?? "").toString("utf8");
const gzipped = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(files.get(name) ?? "").length, 0) / 1_000;

/** Every file that must be there before Review shows: the entry, the page, and what they import. */
function firstFiles(): { scripts: Set<string>; styles: Set<string> } {
  const manifest = Manifest.parse(JSON.parse(textOf(".vite/manifest.json")));
  const [scripts, styles] = [new Set<string>(), new Set<string>()];
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || scripts.has(chunk.file)) return;
    scripts.add(chunk.file);
    for (const style of chunk.css) styles.add(style);
    for (const each of chunk.imports) visit(each);
  };
  visit("index.html");
  visit("pages/review/review-page.tsx");
  return { scripts, styles };
}

describe("the built console", () => {
  test("loads at most 45 kB of script and 12 kB of styles before Review shows", () => {
    const { scripts, styles } = firstFiles();
    expect(scripts.size).toBeGreaterThan(1);
    expect(gzipped(scripts)).toBeLessThanOrEqual(45);
    expect(gzipped(styles)).toBeLessThanOrEqual(12);
  });

  test("has a page without inline script, inline style or foreign address", () => {
    const page = textOf("index.html");
    expect(page.match(/<script(?![^>]*\ssrc=)[^>]*>/g)).toBeNull();
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|https?:|data:/);
  });

  test("brings two subsets of one font, and no more", () => {
    const fonts = [...files.keys()].filter((name) => name.endsWith(".woff2"));
    expect(fonts.map((name) => name.replace(/-[\w-]{8}\.woff2$/, "").replace("assets/", "")).toSorted()).toEqual([
      "inter-latin-ext-wght-normal",
      "inter-latin-wght-normal",
    ]);
  });

  test("takes every style and font from itself", () => {
    const styles = [...files.keys()].filter((name) => name.endsWith(".css")).map(textOf);
    const addresses = styles.flatMap((text) => [...text.matchAll(/url\(([^)]+)\)/g)].map(([, address]) => address));
    expect(addresses.filter((address) => !address?.startsWith("/assets/"))).toEqual([]);
  });
});

test("the page's colours before its styles come are those of the tokens", () => {
  const tokens = readFileSync(join(import.meta.dirname, "../../../src/console/styles/tokens.css"), "utf8");
  const manifest = z
    .object({ background_color: z.string(), theme_color: z.string() })
    .parse(
      JSON.parse(textOf("manifest.webmanifest") || readFileSync("src/console/public/manifest.webmanifest", "utf8")),
    );
  expect(tokens).toContain(`--bg: light-dark(#f6f8fa, ${manifest.background_color.toLowerCase()})`);
  expect(manifest.theme_color).toBe(manifest.background_color);
});
