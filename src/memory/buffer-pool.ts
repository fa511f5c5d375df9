export interface BufferPool {
  /** A buffer of at least this length, with anything in it. */
  lend(bytes: number): Buffer;
  /** Takes back a buffer that was lent and that nobody reads or writes any more. */
  giveBack(buffer: Buffer): void;
  /** Several buffers that go back together. */
  loan(): Loan;
}

export interface Loan {
  /** A buffer of exactly this length, with anything in it. */
  take(bytes: number): Buffer;
  /** Gives all back. A loan that never ends is no harm: the pool then makes new buffers. */
  end(): void;
}

const smallestBytes = 64 * 1024;
/** Tensors of a batch of 16 have 2.4 MB, as floats 9.6 MB. */
const largestBytes = 16 * 1024 * 1024;

/**
 * Buffers that are used again, in sizes that are powers of two. A new buffer for each image costs more CPU than all
 * else of a download: its pages have to be mapped and zeroed, and V8 collects garbage whenever much memory outside of
 * its heap was taken.
 *
 * @param keptBytes most memory that unused buffers may take
 */
export function createBufferPool(keptBytes: number): BufferPool {
  const unused = new Map<number, Buffer[]>();
  let unusedBytes = 0;

  function lend(bytes: number): Buffer {
    if (bytes > largestBytes) return Buffer.allocUnsafeSlow(bytes);
    const size = sizeFor(bytes);
    const buffer = unused.get(size)?.pop();
    if (!buffer) return Buffer.allocUnsafeSlow(size);
    unusedBytes -= size;
    return buffer;
  }

  function giveBack(buffer: Buffer): void {
    const size = buffer.length;
    if (size > largestBytes || unusedBytes + size > keptBytes) return;
    const sameSize = unused.get(size) ?? [];
    sameSize.push(buffer);
    unused.set(size, sameSize);
    unusedBytes += size;
  }

  function loan(): Loan {
    let lent: Buffer[] = [];
    return {
      take(bytes) {
        const buffer = lend(bytes);
        lent.push(buffer);
        return buffer.subarray(0, bytes);
      },
      end() {
        lent.forEach(giveBack);
        lent = [];
      },
    };
  }

  return { lend, giveBack, loan };
}

function sizeFor(bytes: number): number {
  return Math.max(smallestBytes, 2 ** Math.ceil(Math.log2(bytes)));
}
