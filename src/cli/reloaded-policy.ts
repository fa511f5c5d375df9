import type { Policy } from "../policy/policy.ts";
import type { Logger } from "../telemetry/logger.ts";

/**
 * The policy, read again on SIGHUP; an edit that is not valid is logged and the one before stays.
 * @throws PolicyError when the first reading fails
 */
export async function reloadedPolicy(read: () => Promise<Policy>, log: Logger): Promise<() => Policy> {
  let policy = await read();
  process.on("SIGHUP", async () => {
    try {
      policy = await read();
      log.info({ policyVersion: policy.version }, "policy read again");
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      log.error({ err: words, kept: policy.version }, "the edited policy is invalid");
    }
  });
  return () => policy;
}
