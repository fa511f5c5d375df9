import { fileURLToPath } from "node:url";

/** The git-ignored folder for everything made at run time: models, logs, evidence, blobs. */
export function dataFolder(): string {
  return process.env.BRIAREUS_DATA || fileURLToPath(new URL("../../.briareus", import.meta.url));
}
