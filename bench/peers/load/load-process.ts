/** The load generator in a process of its own, so that what it costs is known. Driven by messages of its parent. */
import { z } from "zod";
import { poissonArrivals } from "./arrivals.ts";
import { httpSender } from "./http-sender.ts";
import { openLoop } from "./open-loop.ts";
import { pubsubSender } from "./pubsub-sender.ts";
import { summaryOf } from "./summary.ts";

const Target = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("http"), url: z.string() }),
  z.object({ kind: z.literal("pubsub"), projectId: z.string() }),
]);
const Load = z.object({ perSecond: z.number(), seconds: z.number(), seed: z.number(), giveUpMs: z.number() });

const target = Target.parse(JSON.parse(process.argv[2] ?? ""));
const pictureAddress = process.argv[3] ?? "";
const sender =
  target.kind === "http"
    ? httpSender(target.url, pictureAddress)
    : await pubsubSender(target.projectId, pictureAddress);
let firstNumber = 0;

process.on("message", async (message) => {
  const { perSecond, seconds, seed, giveUpMs } = Load.parse(message);
  const arrivals = poissonArrivals(perSecond, seconds, seed);
  const before = process.cpuUsage();
  const samples = await openLoop(sender.send, arrivals, { giveUpMs, firstNumber });
  const { user, system } = process.cpuUsage(before);
  firstNumber += arrivals.length;
  process.send?.({ ...summaryOf(samples, seconds, giveUpMs), generatorCpuMs: (user + system) / 1000 });
});
process.once("disconnect", () => process.exit(0));
process.send?.("ready");
