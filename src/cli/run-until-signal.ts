import type { Settings } from "../config/settings.ts";
import type { Lifecycle } from "../pipeline/lifecycle.ts";
import { createLogger } from "../telemetry/logger.ts";
import { collectProcessMetrics } from "../telemetry/metrics.ts";
import { serveObservability } from "../telemetry/observability-server.ts";
import { startTracing } from "../telemetry/tracing.ts";
import { stopSignal } from "./stop-signal.ts";

/**
 * Runs a part until SIGTERM or SIGINT (or until the supervisor that started this process is gone), then stops it
 * within its drain limit.
 */
export async function runUntilSignal(role: string, part: Lifecycle, settings: Settings): Promise<void> {
  const log = createLogger({ level: settings.telemetry.logLevel, role });
  const { host, port } = settings.telemetry;
  let server: { close(): void } | undefined;
  if (port !== undefined) {
    collectProcessMetrics(role);
    server = await serveObservability({ host, port }, () => part.health());
  }
  const asked = stopSignal();
  const stopTracing = await startTracing(role);
  // A part that waits for Redis to start can be stopped meanwhile.
  if (await Promise.race([part.start().then(() => true), asked.then(() => false)])) process.send?.({ ready: true });
  log.info({ signal: await asked }, "stopping");
  await part.stop();
  await stopTracing();
  server?.close();
  process.exit(0); // A stage that does not let go must not keep a stopped process alive.
}
