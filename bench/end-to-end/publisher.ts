/** The outside world in one process: an image host, and a publisher at a steady rate. Reported beside the system. */
import { randomUUID } from "node:crypto";
import { createPublisher } from "../../src/producer/publisher.ts";
import { servePictures } from "../picture-host.ts";

const [, , rateText = "10", secondsText = "10"] = process.argv;
const [rate, seconds] = [Number(rateText), Number(secondsText)];
const host = await servePictures();
const publisher = createPublisher({ projectId: process.env.GOOGLE_CLOUD_PROJECT ?? "briareus" });
const run = randomUUID().slice(0, 8);
const startedAtMs = performance.now();
let published = 0;
const timer = setInterval(() => {
  const due = Math.min(rate * seconds, ((performance.now() - startedAtMs) / 1000) * rate);
  while (published < due) {
    const number = published++;
    void publisher.publish({
      captureId: `${run}-${number}`,
      streamId: `stream-${number % 16}`,
      capturedAt: new Date().toISOString(),
      imageUri: `http://${host.address}/${number}.jpg`,
    });
  }
  if (published >= rate * seconds) {
    clearInterval(timer);
    process.send?.({ published });
  }
}, 5);
process.once("disconnect", () => process.exit(0));
