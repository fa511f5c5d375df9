/**
 * One core's share of the bare loop: decode, resize and score the same pictures in memory, one after the other,
 * with nothing around it.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { benchPictures } from "../picture-host.ts";

const [, , model = "", secondsText = "5"] = process.argv;
sharp.concurrency(1);
sharp.cache(false);
const pictures = await benchPictures();
const session = await InferenceSession.create(model, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
});
const [input = "", output = ""] = [session.inputNames[0], session.outputNames[0]];

const once = async (index: number) => {
  const picture = pictures[index % pictures.length];
  const pixels = await sharp(picture).resize(224, 224, { fit: "fill" }).removeAlpha().raw().toBuffer();
  await session.run({ [input]: new Tensor("uint8", pixels, [1, 224, 224, 3]) }, [output]);
};

for (let index = 0; index < 20; index++) await once(index);
process.send?.("ready");
process.once("message", async () => {
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  let captures = 0;
  while (performance.now() - startedAtMs < Number(secondsText) * 1000) await once(captures++);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ captures, seconds: (performance.now() - startedAtMs) / 1000, cpuMs: (user + system) / 1000 });
  process.disconnect();
});
