/** The outside world in one process: an image host, and a publisher at a steady rate. Reported beside the system. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createPublisher } from "../../src/producer/publisher.ts";
import { benchPictures } from "../pictures.ts";

const [, , rateText = "10", secondsText = "10"] = process.argv;
const [rate, seconds] = [Number(rateText), Number(secondsText)];
const pictures = await benchPictures();
const server = createServer((request, response) => {
  const picture = pictures[Number(/\d+/.exec(request.url ?? "")?.[0] ?? 0) % pictures.length];
  response.writeHead(200, { "content-type": "image/jpeg", "content-length": picture?.length }).end(picture);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
if (address === null || typeof address === "string") throw new Error("the image host has no port");

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
      imageUri: `http://127.0.0.1:${address.port}/${number}.jpg`,
    });
  }
  if (published >= rate * seconds) {
    clearInterval(timer);
    process.send?.({ published });
  }
}, 5);
process.once("disconnect", () => process.exit(0));
