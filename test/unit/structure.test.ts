/** Dependencies point one way, folders keep to themselves, files stay small. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { reasonCodes } from "../../src/capture/reasons.ts";

/** What a folder of src/ may import besides itself. A new folder needs a line here, and a reason for its place. */
const anybody = ["telemetry", "config"];
const vocabulary = [...anybody, "redis", "capture", "memory"];
const means = [...vocabulary, "policy", "blobs", "inference"];
const runtime = [...means, "pipeline"];
const allowed: Record<string, readonly string[]> = {
  telemetry: ["config"],
  config: ["telemetry"],
  redis: anybody,
  capture: [],
  memory: [],
  policy: vocabulary,
  blobs: vocabulary,
  inference: vocabulary,
  pipeline: means,
  workers: runtime,
  producer: runtime,
  "model-server": runtime,
  // Ops asks the scaling rule for previews, and shows what it decided.
  review: [...runtime, "producer", "scaling"],
  // The page takes types of the contract and its words, and nothing that runs; a test below says so.
  console: ["review", "capture"],
  // What a model goes through before it serves; workers and servers know nothing of it.
  models: [...runtime, "workers", "model-server"],
  // What decides over pools reads their figures; nothing that runs in a pool knows of it.
  scaling: runtime,
  // Deploys what models serves; no part of the pipeline knows of it.
  serving: [...runtime, "models"],
  local: [...runtime, "workers", "producer", "model-server", "models", "scaling"],
  cli: [...runtime, "workers", "producer", "model-server", "review", "models", "scaling", "serving", "local"],
};

/** The unit that keeps to itself: the folder, and below workers/ each worker's own. */
const unitOf = (path: string) => /^src\/(workers\/[^/]+|[^/]+)/.exec(path)?.[1] ?? path;
const folderOf = (path: string) => unitOf(path).split("/")[0] ?? path;

const files = globSync("src/**/*.{ts,tsx}").toSorted();
const imports = files.flatMap((file) =>
  importedBy(readFileSync(file, "utf8"))
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => ({ file, target: normalize(join(dirname(file), specifier)) })),
);

/** The specifiers of every import and export of a module: static, for types only, for side effects, and dynamic. */
function importedBy(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)].map(([, specifier]) => String(specifier));
}

test("every kind of import is seen, and comments are not", () => {
  const source = `
    import "./effect.ts";
    import { a } from "./named.ts";
    import type { B } from './type.ts';
    import {
      c,
    } from "./lines.ts";
    export { d } from "./exported.ts";
    export * from "./star.ts";
    const e = await import("./dynamic.ts");
    type F = import("./inline.ts").F;
    // import "./comment.ts";
    /* import "./block.ts"; */
  `;
  const names = ["effect", "named", "type", "lines", "exported", "star", "dynamic", "inline"];
  expect(importedBy(source)).toEqual(names.map((name) => `./${name}.ts`));
});

describe("src/", () => {
  test("has imports to look at, all of files that exist", () => {
    expect(imports.length).toBeGreaterThan(100);
    const known = new Set(globSync("src/**/*"));
    expect(imports.filter(({ target }) => !known.has(target))).toEqual([]);
  });

  test("has only folders whose place is known", () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in allowed))).toEqual([]);
  });

  test("imports in one direction: capture ← policy, blobs, inference ← pipeline ← workers, producer, model-server ← local ← cli", () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      return from !== to && !allowed[from]?.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  test("has a console that takes only types, and only of the contract, the roles and the capture", () => {
    const outside = files
      .filter((file) => file.startsWith("src/console/"))
      .flatMap((file) => {
        const source = readFileSync(file, "utf8");
        const typesOnly = source.replace(/^import type [^;]*;/gm, "");
        const [all, running] = [source, typesOnly].map((text) =>
          importedBy(text).map((specifier) => normalize(join(dirname(file), specifier))),
        );
        const abroad = (all ?? []).filter((target) => target.startsWith("src/") && !target.startsWith("src/console/"));
        return abroad.map((target) => ({ file, target, runs: (running ?? []).includes(target) }));
      });
    expect(outside.length).toBeGreaterThan(5);
    const known = /^src\/(capture\/|review\/contract\/|review\/access\/roles\.ts$)/;
    expect(outside.filter(({ target, runs }) => runs || !known.test(target))).toEqual([]);
  });

  test("imports nothing from outside itself", () => {
    expect(imports.filter(({ target }) => !target.startsWith("src/"))).toEqual([]);
  });

  test("has no worker folder that imports another's", () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        file.startsWith("src/workers/") && target.startsWith("src/workers/") && unitOf(file) !== unitOf(target),
    );
    expect(wrong).toEqual([]);
  });

  test("has no file of more than 300 lines", () => {
    const long = files
      .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  test("has no folder or file whose name says nothing", () => {
    const vague = /(^|\/)(utils?|common|helpers?|shared|types|misc|index)(\.tsx?|\/)/;
    expect(files.filter((file) => vague.test(file))).toEqual([]);
  });

  test("uses every reason code that its table names", () => {
    const code = files.filter((file) => file !== "src/capture/reasons.ts").map((file) => readFileSync(file, "utf8"));
    expect(reasonCodes.filter((reason) => !code.some((text) => text.includes(`"${reason}"`)))).toEqual([]);
  });
});
