import { durationMs } from "./durations.ts";
import type { Template } from "./revision.ts";

/** The limits of a batch as the commands that write a config.pbtxt take them; what is left out stays as it is. */
export function batchArguments({ batch }: Template): string[] {
  return [
    ...(batch?.max === undefined ? [] : [`--max-batch=${batch.max}`]),
    ...(batch?.queueDelay === undefined ? [] : [`--max-delay=${durationMs(batch.queueDelay) * 1_000}`]),
    ...(batch?.queueSize === undefined ? [] : [`--max-queue=${batch.queueSize}`]),
  ];
}
