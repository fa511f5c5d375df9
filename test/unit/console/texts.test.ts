/** Every text of the console is in its strings: no view has words of its own. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const views = globSync("src/console/**/*.tsx").filter((file) => !file.includes("/dist/"));

/** Words between tags, and in the attributes that people are told. */
function wordsIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const between = [...code.matchAll(/(?<![=-])>([^<>{}()=;]*[A-Za-z]{2}[^<>{}()=;]*)<\//g)].map(([, words]) => words);
  const told = [...code.matchAll(/\s(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z]{2}[^"]*)"/g)].map(
    ([, words]) => words,
  );
  return [...between, ...told].map((words) => String(words).trim());
}

test("words in views are found, and nothing else", () => {
  expect(wordsIn(`<p class="a">Hello there</p>`)).toEqual(["Hello there"]);
  expect(wordsIn(`<img alt="a cat" /><b>{text.x}</b>`)).toEqual(["a cat"]);
});

test("no view has words of its own", () => {
  expect(views.length).toBeGreaterThan(30);
  const found = views.flatMap((file) => wordsIn(readFileSync(file, "utf8")).map((words) => ({ file, words })));
  expect(found).toEqual([]);
});
