import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { leanNode } from "./program.ts";

const loop = fileURLToPath(new URL("preprocess-loop.ts", import.meta.url));

/** CPU of a checkout's preprocess without its queue, ms per capture. */
export async function benchPreprocess(checkout: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [...leanNode, loop, checkout]);
  return Number(stdout);
}
