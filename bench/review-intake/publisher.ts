/** The pipeline's part in one process: flagged verdicts at a steady rate, each stamped with the moment it is published. */
import { PubSub } from "@google-cloud/pubsub";
import { attributesOf } from "../../src/workers/postprocess/verdict-publisher.ts";
import { flaggedVerdict } from "./flagged-verdicts.ts";

const [, , topicName = "", rateText = "0", secondsText = "0"] = process.argv;
const [rate, total] = [Number(rateText), Number(rateText) * Number(secondsText)];
const topic = new PubSub({ projectId: "bench" }).topic(topicName, {
  batching: { maxMessages: 100, maxMilliseconds: 10 },
});
const startedAtMs = performance.now();
const confirmations: Promise<unknown>[] = [];
let published = 0;
const timer = setInterval(async () => {
  const due = Math.min(total, ((performance.now() - startedAtMs) / 1000) * rate);
  while (published < due) {
    const json = flaggedVerdict(published++, Date.now());
    confirmations.push(topic.publishMessage({ json, attributes: attributesOf(json) }));
  }
  if (published < total) return;
  clearInterval(timer);
  await Promise.all(confirmations);
  process.send?.({ published, seconds: (performance.now() - startedAtMs) / 1000 });
}, 5);
process.once("disconnect", () => process.exit(0));
