import type { Logger } from "../telemetry/logger.ts";

/** Runs a background duty again and again, the next time `pauseMs` after it ended; a failure is logged and not the end. */
export function repeat(pauseMs: number, duty: () => Promise<void>, log: Logger): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const run = async () => {
    await duty().catch((error: Error) => log.warn({ err: error.message }, "a duty failed"));
    if (!stopped) timer = setTimeout(run, pauseMs);
  };
  timer = setTimeout(run, pauseMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
