/** One process with the no-op worker of each stage named on its command line. */
import { captureStates } from "../../src/pipeline/capture-states.ts";
import { createStageWorker } from "../../src/pipeline/stage-worker.ts";
import { connectRedis } from "../../src/redis/connection.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { noopStages } from "./noop-stages.ts";

const log = createLogger({ level: "error", role: "bench" });
const redisUrl = process.env.REDIS_URL ?? "";
const stages = noopStages(captureStates(connectRedis(redisUrl, { role: "client", log })));
const options = { redisUrl, log, drainMs: 1_000, concurrency: 8 };
await Promise.all([
  createStageWorker(stages.fetch, options).start(),
  createStageWorker(stages.preprocess, options).start(),
  createStageWorker(stages.infer, options).start(),
  createStageWorker(stages.postprocess, options).start(),
]);
process.send?.({ ready: true });
process.once("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, peakMiB: process.resourceUsage().maxRSS / 1024 });
});
