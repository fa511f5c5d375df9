/**
 * How requests are sent. `concurrency`: so many are always under way, and each answer is followed by the next request.
 * `rate`: so many a second at random times, whether or not earlier ones are answered, as cameras and streams send them.
 */
export type Load = { kind: "concurrency"; requests: number } | { kind: "rate"; perSecond: number };

/** "4 at a time", "20/s" */
export function loadInWords(load: Load): string {
  return load.kind === "concurrency" ? `${load.requests} at a time` : `${load.perSecond}/s`;
}
