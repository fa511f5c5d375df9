import { readFileSync, writeFileSync } from "node:fs";

/** What the stand-in for a GPU did so far. */
export interface GpuWork {
  busyMs: number;
  batches: number;
  pictures: number;
}

/** Makes the file that all who use the stand-in share; python/gpu_standin.py says what is in it. */
export function makeTimeline(path: string): void {
  writeFileSync(path, new Uint8Array(4 * Float64Array.BYTES_PER_ELEMENT));
}

export function readTimeline(path: string): GpuWork {
  const bytes = readFileSync(path);
  const at = (index: number) => bytes.readDoubleLE(index * Float64Array.BYTES_PER_ELEMENT);
  return { busyMs: at(1), batches: at(2), pictures: at(3) };
}
