/**
 * `npm run docs`: writes the documents that follow from the code. With --check it writes nothing and ends with 1,
 * naming each document that is not what the code says.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { documents } from "./documents/documents.ts";

const check = process.argv.includes("--check");
const stale = [];
for (const [path, text] of Object.entries(await documents())) {
  const file = resolve(import.meta.dirname, "..", path);
  if (textOf(file) === text) continue;
  stale.push(path);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`${path} written`);
}
if (check && stale.length > 0) {
  console.error(`not what the code says: ${stale.join(", ")}. Run npm run docs and commit the result.`);
  process.exitCode = 1;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
