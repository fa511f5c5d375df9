import type { BufferPool } from "../../memory/buffer-pool.ts";

/**
 * Gathers a body into one buffer. Where its length is known, each chunk is copied at once to its place, so that the
 * socket's larger buffers are free again; else at the end.
 */
export function createBodyBuffer(expectedBytes: number | undefined, pool: BufferPool) {
  // Untouched pages cost nothing: a host that promises more than it sends wastes no memory.
  const whole = expectedBytes === undefined ? undefined : pool.lend(expectedBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(chunk: Buffer) {
      if (whole) chunk.copy(whole, length);
      else chunks.push(chunk);
      length += chunk.length;
    },
    /** What has come so far. */
    bytes(): Buffer {
      return whole ? whole.subarray(0, length) : Buffer.concat(chunks, length);
    },
    /** The bytes are not looked at any more. */
    release() {
      if (whole) pool.giveBack(whole);
    },
  };
}
