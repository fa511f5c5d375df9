import { z } from "zod";

/**
 * Identifiers become Redis keys, log fields and Pub/Sub attributes. Those hold at most 1,024 bytes, and only what
 * UTF-8 can say: half a surrogate pair would make Pub/Sub refuse the verdict for ever.
 */
const Identifier = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => text.isWellFormed(), "must be well-formed Unicode");
const maxAttributes = 64;

/**
 * One still image of a live stream, as publishers put it on the topic `captures` (JSON, UTF-8).
 * `imageUri` may be http(s)://, gs:// or, below an allowed folder, file://.
 */
export const Capture = z
  .object({
    schemaVersion: z.literal(1).default(1),
    captureId: Identifier.describe("Unique per capture; repeated publications of one id yield one verdict"),
    streamId: Identifier.describe("The live stream the picture was taken from"),
    capturedAt: z.iso.datetime({ offset: true }).describe("When the picture was taken, ISO 8601 with zone"),
    imageUri: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//, "must be a URI such as https://host/picture.jpg")
      .describe("Where the picture can be read: http(s)://, gs:// or an allowed file://"),
    attributes: z
      .record(z.string().max(128), z.string().max(1024))
      .refine((attributes) => Object.keys(attributes).length <= maxAttributes, `at most ${maxAttributes} attributes`)
      .meta({ maxProperties: maxAttributes })
      .default({})
      .describe("Free facts of the platform (viewers, title, …), copied to the verdict"),
  })
  .meta({ id: "Capture", title: "Capture, version 1" });
export type Capture = z.infer<typeof Capture>;
