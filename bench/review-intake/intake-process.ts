/**
 * The review process's intake and its reprioritiser by themselves. Tells each second how far behind it was at the worst,
 * and its memory.
 */
import { createReprioritiser } from "../../src/review/incidents/reprioritise.ts";
import { createIntake } from "../../src/review/intake/intake.ts";
import { reviewIntakeSeconds } from "../../src/telemetry/metrics.ts";
import { reviewContext } from "./context.ts";

const [, , url = "", topic = "", subscription = ""] = process.argv;
const context = await reviewContext(url);
let behindMs: number[] = [];
const observe = reviewIntakeSeconds.observe.bind(reviewIntakeSeconds);
reviewIntakeSeconds.observe = (...values: unknown[]) => {
  const seconds = Number(values.at(-1));
  behindMs.push(seconds * 1_000);
  observe(seconds);
};
await createReprioritiser(context).start();
await createIntake(context, { project: "bench", topic, subscription }).start();
setInterval(() => {
  process.send?.({ behindMs, rssMiB: process.memoryUsage.rss() / 2 ** 20 });
  behindMs = [];
}, 1_000);
process.once("disconnect", () => process.exit(0));
