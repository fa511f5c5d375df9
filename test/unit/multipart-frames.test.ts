import fc from "fast-check";
import { expect, test } from "vitest";
import { readMultipartFrames } from "../../src/producer/multipart-frames.ts";

const part = (frame: Uint8Array) =>
  Buffer.concat([
    Buffer.from(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${frame.length}\r\n\r\n`),
    frame,
    Buffer.from("\r\n"),
  ]);

async function* cut(bytes: Buffer, lengths: Iterable<number>): AsyncGenerator<Buffer> {
  let from = 0;
  for (const length of lengths) {
    if (from >= bytes.length) return;
    yield bytes.subarray(from, from + length);
    from += length;
  }
}

async function read(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  for await (const frame of readMultipartFrames(chunks)) frames.push(frame);
  return frames;
}

test("frames come out as they went in, wherever the pipe cuts them and whatever they hold", async () => {
  const frame = fc.oneof(fc.uint8Array({ maxLength: 3_000 }), fc.constant(part(Buffer.from("\r\n\r\n--ffmpeg"))));
  const lengths = fc.infiniteStream(fc.integer({ min: 1, max: 1_500 }));
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 5 }), lengths, async (frames, cuts) => {
      const found = await read(cut(Buffer.concat(frames.map(part)), cuts));
      const inHex = (each: Uint8Array) => Buffer.from(each).toString("hex");
      expect(found.map(inHex)).toEqual(frames.map(inHex));
    }),
  );
});

test("a frame that is cut off is left out", async () => {
  const whole = Buffer.concat([part(Buffer.from("first")), part(Buffer.from("second"))]);
  const found = await read(cut(whole.subarray(0, -5), [whole.length]));
  expect(found.map(String)).toEqual(["first"]);
});

test.each([
  ["no length", "--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n12345"],
  ["a length that is no number", "--ffmpeg\r\nContent-length: many\r\n\r\n12345"],
  ["a length that no frame has", "--ffmpeg\r\nContent-length: 99999999999\r\n\r\n12345"],
  ["no end of its headers", "\0".repeat(5_000)],
])("a stream with %s is refused", async (_, text) => {
  await expect(read(cut(Buffer.from(text), [text.length]))).rejects.toThrow(RangeError);
});
