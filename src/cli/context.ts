/**
 * Wires the parts together from the settings. `overrides` is the seam for tests: they put a part of their own
 * in the place of one of these, and everything else stays as in production.
 */
import { fileURLToPath } from "node:url";
import type { BlobStore } from "../blobs/blob-store.ts";
import { openBlobStore } from "../blobs/open-blob-store.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import { withRunningSystem } from "../local/running-system.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";

export interface AppContext {
  settings: Settings;
  log: Logger;
  blobs: BlobStore;
  policy(): Promise<Policy>;
}

const demoPolicy = fileURLToPath(new URL("../../policies/nsfw.yaml", import.meta.url));

/** @throws ConfigError */
export function createContext(role: string, overrides: Partial<AppContext> = {}, env = process.env): AppContext {
  const settings = overrides.settings ?? loadSettings(withRunningSystem(env));
  if (settings.pubsub.emulatorHost) {
    // Google's client reads these itself; the second spares it looking for a metadata server.
    process.env.PUBSUB_EMULATOR_HOST = settings.pubsub.emulatorHost;
    process.env.METADATA_SERVER_DETECTION ??= "none";
  }
  const log = overrides.log ?? createLogger({ level: settings.telemetry.logLevel, role });
  let blobs = overrides.blobs;
  return {
    settings,
    log,
    get blobs() {
      blobs ??= openBlobStore(settings.blobs.url, { log });
      return blobs;
    },
    policy: overrides.policy ?? (() => readPolicy(settings)),
  };
}

async function readPolicy({ policy }: Settings): Promise<Policy> {
  const read = await loadPolicy(policy.path ?? demoPolicy);
  return policy.sampleShare === undefined ? read : { ...read, sampleShare: policy.sampleShare };
}
