import { TransferError } from "./transfer-error.ts";

/** What a ModelServer may say of a model's config.pbtxt; absent: as it is there. */
export interface BatchLimits {
  maxBatch?: number;
  maxDelayMicroseconds?: number;
  maxQueue?: number;
}

/**
 * A config.pbtxt under this name, with these limits. Everything else, which people may have tuned, stays letter by letter.
 * @throws TransferError where a limit has no line that it could change
 */
export function adaptConfig(text: string, name: string, limits: BatchLimits): string {
  const { maxBatch, maxDelayMicroseconds, maxQueue } = limits;
  const named = replaced(text, /^name\s*:\s*"[^"]*"/m, `name: "${name}"`, "name");
  const sized = maxBatch === undefined ? named : withLargestBatch(named, maxBatch);
  const delayed =
    maxDelayMicroseconds === undefined
      ? sized
      : replaced(
          sized,
          /max_queue_delay_microseconds\s*:\s*\d+/,
          `max_queue_delay_microseconds: ${maxDelayMicroseconds}`,
          "max_queue_delay_microseconds",
        );
  if (maxQueue === undefined) return delayed;
  return replaced(delayed, /max_queue_size\s*:\s*\d+/, `max_queue_size: ${maxQueue}`, "max_queue_size");
}

/** No preferred batch and no warm-up may be above the largest batch, or Triton refuses the model. */
function withLargestBatch(text: string, maxBatch: number): string {
  const changed = replaced(text, /^max_batch_size\s*:\s*\d+/m, `max_batch_size: ${maxBatch}`, "max_batch_size");
  const cut = (size: string) => String(Math.min(Number(size), maxBatch));
  return changed
    .replace(/(preferred_batch_size\s*:\s*\[)([^\]]*)(\])/, (_, open, sizes: string, close) => {
      const kept = [...new Set(sizes.split(",").map((size) => cut(size.trim())))];
      return `${open} ${kept.join(", ")} ${close}`;
    })
    .replace(/(?<!\w)(batch_size\s*:\s*)(\d+)/g, (_, key, size: string) => `${key}${cut(size)}`);
}

function replaced(text: string, pattern: RegExp, by: string, field: string): string {
  if (pattern.test(text)) return text.replace(pattern, () => by);
  throw new TransferError(`config.pbtxt has no ${field}, which is to be changed: add it there, or leave the limit out`);
}
