import fc from "fast-check";
import { expect, test } from "vitest";
import { imageFormatOf } from "../../src/capture/image-format.ts";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

test.each([
  ["jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF"],
  ["png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"],
  ["gif", "GIF89a\x01\x00\x01\x00"],
  ["webp", "RIFF\x24\x00\x00\x00WEBPVP8 "],
  ["avif", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1"],
  ["avif", "\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif"],
])("the first bytes of a %s file tell its format", (format, text) => {
  expect(imageFormatOf(bytes(text))).toBe(format);
});

test.each([
  ["an SVG", "<svg xmlns="],
  ["an XML document", '<?xml version="1.0"?><svg>'],
  ["a PDF", "%PDF-1.7"],
  ["a TIFF", "II*\x00"],
  ["a HEIC photograph", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1"],
  ["a video", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"],
  ["a sound", "RIFF\x24\x00\x00\x00WAVEfmt "],
  ["a web page", "<!doctype html>"],
  ["a file of one byte", "\xff"],
  ["an empty file", ""],
])("%s has no format that is decoded", (_, text) => {
  expect(imageFormatOf(bytes(text))).toBeUndefined();
});

test("any bytes at all are told apart without an error", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 64 }).map((tail) => Uint8Array.of(...tail.subarray(0, 4), ...bytes("ftyp"), ...tail)),
  );
  fc.assert(
    fc.property(hostile, (input) => {
      imageFormatOf(input);
    }),
  );
});
