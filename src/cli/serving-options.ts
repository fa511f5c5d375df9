import { type Command, InvalidArgumentError } from "commander";
import type { ModelSettings } from "../models/repository/config-text.ts";
import { wholeNumber } from "./parse-options.ts";

/** Options of the commands that write a config.pbtxt. */
export interface ServingOptions {
  maxBatch: number;
  maxDelay: number;
  maxQueue: number;
  instances: number;
  trtexec?: string;
}

export function addServingOptions(command: Command): Command {
  return command
    .option("--max-batch <n>", "pictures in the largest batch", wholeNumber(1, 1_024), 16)
    .option(
      "--max-delay <us>",
      "microseconds that a request waits to share its batch",
      wholeNumber(0, 1_000_000),
      2_000,
    )
    .option("--max-queue <n>", "requests that may wait", wholeNumber(1, 100_000), 32)
    .option("--instances <n>", "copies that run at a time, on each device", wholeNumber(1, 64), 2)
    .option("--trtexec <program>", "TensorRT's builder, where it is not on the PATH");
}

export function servingOf({ maxBatch, maxDelay, maxQueue, instances }: ServingOptions) {
  return {
    maxBatchSize: maxBatch,
    maxQueueDelayMicroseconds: maxDelay,
    maxQueueSize: maxQueue,
    instances,
  } satisfies Partial<ModelSettings>;
}

/** A folder's name, and a part of addresses. @throws InvalidArgumentError */
export function parseModelName(text: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,99}$/.test(text)) return text;
  throw new InvalidArgumentError("must have 1 to 100 letters, digits, dots, dashes and underscores.");
}
