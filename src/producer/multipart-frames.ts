/** More than any frame has, and than the headers of a part have; a stream with more is none of ffmpeg's. */
const maxFrameBytes = 64 * 2 ** 20;
const maxHeaderBytes = 1_024;

/**
 * Cuts what ffmpeg's muxer `mpjpeg` writes (multipart/x-mixed-replace, each part with its Content-length) into JPEG
 * files. A part that is cut off at the end is left out.
 * @param chunks as a pipe gives them, cut anywhere
 * @throws RangeError when it is no such stream
 */
export async function* readMultipartFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = chunks[Symbol.asyncIterator]();
  const bytes = createByteReader(source);
  try {
    for (;;) {
      const headers = await bytes.until("\r\n\r\n", maxHeaderBytes);
      if (!headers) return;
      const frameBytes = Number(/^content-length: *(\d+)/im.exec(String(headers))?.[1]);
      if (!(frameBytes <= maxFrameBytes))
        throw new RangeError(`no part of a video: ${JSON.stringify(String(headers))}`);
      const frame = await bytes.exactly(frameBytes);
      if (!frame) return;
      yield frame;
    }
  } finally {
    await source.return?.();
  }
}

/** Reads pieces of known length or end; undefined when the source ends before. */
function createByteReader(source: AsyncIterator<Buffer>) {
  let held: Buffer[] = [];
  let heldBytes = 0;

  const readMore = async (): Promise<boolean> => {
    const { done, value } = await source.next();
    if (done) return false;
    held.push(value);
    heldBytes += value.length;
    return true;
  };
  const take = (count: number): Buffer => {
    const joined = Buffer.concat(held);
    held = [joined.subarray(count)];
    heldBytes = joined.length - count;
    return joined.subarray(0, count);
  };

  return {
    async exactly(count: number): Promise<Buffer | undefined> {
      while (heldBytes < count) if (!(await readMore())) return undefined;
      return take(count);
    },
    async until(mark: string, limitBytes: number): Promise<Buffer | undefined> {
      for (;;) {
        held = [Buffer.concat(held)];
        const at = held[0]?.subarray(0, limitBytes).indexOf(mark) ?? -1;
        if (at >= 0) return take(at + mark.length);
        if (heldBytes >= limitBytes) throw new RangeError(`no "${mark.trim()}" in ${limitBytes} bytes`);
        if (!(await readMore())) return undefined;
      }
    },
  };
}
