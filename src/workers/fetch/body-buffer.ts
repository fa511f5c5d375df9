/**
 * Gathers a body into one buffer. Where its length is known, each chunk is copied at once to its place, so that the
 * socket's larger buffers are free again; else at the end.
 */
export function createBodyBuffer(expectedBytes: number | undefined) {
  // Untouched pages cost nothing: a host that promises more than it sends wastes no memory.
  const whole = expectedBytes === undefined ? undefined : Buffer.allocUnsafeSlow(expectedBytes);
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
    /** The first bytes: few, or all of a short body. */
    head(): Buffer {
      return whole ? whole.subarray(0, Math.min(length, whole.length)) : Buffer.concat(chunks);
    },
    take(): Buffer {
      return whole ? whole.subarray(0, length) : Buffer.concat(chunks, length);
    },
  };
}
