import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Capture } from "../../src/capture/capture.ts";
import { Verdict } from "../../src/capture/verdict.ts";
import { parsePolicy } from "../../src/policy/load-policy.ts";
import { attributesOf } from "../../src/workers/postprocess/verdict-publisher.ts";

const read = (path: string) => readFileSync(path, "utf8");
const blocks = (path: string, language: string) =>
  [...read(path).matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text]) =>
    String(text),
  );
const published = (name: string) => z.fromJSONSchema(JSON.parse(read(`docs/schemas/${name}.v1.json`)));

describe("the documents", () => {
  test("link only to pages, headings and files that exist", () => {
    const pages = [...globSync("*.md"), ...globSync("docs/**/*.md")];
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)]
        .filter(([, path, heading]) => {
          const target = path ? join(dirname(page), path) : page;
          if (globSync(target).length === 0) return true;
          return heading !== undefined && !headingsOf(read(target)).includes(heading);
        })
        .map(([link]) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test("name every class of errors and its code", () => {
    const text = read("docs/errors.md");
    const classes = globSync("src/**/*.ts").flatMap((file) =>
      [...read(file).matchAll(/class (\w+) extends Error \{(?:\s+readonly code(?:: | = )([^;]+);)?/g)].map(
        ([, name, codes]) => ({
          name: String(name),
          codes: [...(codes ?? "").matchAll(/"([^"]+)"/g)].map(([, code]) => code),
        }),
      ),
    );
    expect(classes.length).toBeGreaterThan(5);
    for (const { name, codes } of classes) {
      for (const word of [name, ...codes])
        expect(text, `docs/errors.md does not name ${word}`).toContain(`\`${word}\``);
    }
  });
});

const headingsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    String(title)
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

describe("the contract's examples", () => {
  const examples = blocks("docs/contract.md", "json").map((text) => JSON.parse(text));
  const captures = examples.filter((example) => !("verdict" in example));
  const verdicts = examples.filter((example) => "verdict" in example);

  test("are captures and verdicts to the letter", () => {
    expect([captures.length, verdicts.length]).toEqual([1, 2]);
    for (const example of captures) expect(Capture.parse(example)).toEqual(example);
    for (const example of verdicts) expect(Verdict.parse(example)).toEqual(example);
  });

  test("are valid by the published JSON Schemas too", () => {
    for (const example of captures) expect(published("capture").parse(example)).toEqual(example);
    for (const example of verdicts) expect(published("verdict").parse(example)).toEqual(example);
  });

  test("tell the attributes that verdicts are published with", () => {
    const table = read("docs/contract.md").split("Pub/Sub attributes")[1]?.split("For example")[0] ?? "";
    const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(Object.keys(attributesOf(Verdict.parse(verdicts[0]), "00-trace")).toSorted());
  });
});

describe("the published JSON Schema of captures", () => {
  const good = { captureId: "c", streamId: "s", capturedAt: "2026-03-01T12:00:00Z", imageUri: "HTTPS://h/1.jpg" };

  test("lets publishers leave out what has a default, and add what nobody knows", () => {
    expect(published("capture").safeParse({ ...good, camera: 2 }).success).toBe(true);
  });

  test.each([
    ["captureId", ""],
    ["captureId", "x".repeat(257)],
    ["captureId", undefined],
    ["streamId", 7],
    ["capturedAt", "2026-03-01 12:00"],
    ["imageUri", "picture.jpg"],
    ["attributes", { viewers: 7 }],
    ["schemaVersion", 2],
  ])("refuses, as ingress does, a %s that is %j", (field, value) => {
    const wrong = { ...good, [field]: value };
    expect(published("capture").safeParse(wrong).success).toBe(false);
    expect(Capture.safeParse(wrong).success).toBe(false);
  });
});

test("the policy that docs/policies.md shows is valid", () => {
  const [example = ""] = blocks("docs/policies.md", "yaml");
  expect(parsePolicy(example, "docs/policies.md").version).toBe("house-rules-3");
});
