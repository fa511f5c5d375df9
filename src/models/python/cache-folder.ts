import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The folder for what is large and the same for every checkout, such as Python environments; safe to delete.
 * BRIAREUS_CACHE, else briareus/ in the user's cache folder (XDG Base Directory Specification).
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BRIAREUS_CACHE) return resolve(env.BRIAREUS_CACHE);
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "briareus");
}
