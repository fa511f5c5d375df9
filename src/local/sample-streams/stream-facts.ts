import { createRandom } from "./random.ts";

const titles = [
  "Evening walk",
  "Late kitchen",
  "Open studio",
  "Quiet corner",
  "Practice room",
  "Ask me anything",
] as const;
/** Few streams have many viewers: what is published first shall not always be what matters most. */
const audiences = [40, 2_600, 310, 95, 12_400, 720, 18, 5_100] as const;

/**
 * What a platform says of a simulated stream, as the attributes of its captures (docs/contract.md). The audience
 * comes and goes a little; some streamers have two streams.
 *
 * @param clock.startedAtMs when the demo began; the streams have been live for some minutes by then
 */
export function factsOf(stream: number, clock: { startedAtMs: number; nowMs: number }): Record<string, string> {
  const random = createRandom(stream);
  const audience = audiences[stream % audiences.length] ?? 100;
  const minutesLive = random.whole(2, 180);
  const sway = Math.sin((clock.nowMs - clock.startedAtMs) / 45_000 + random.between(0, 2 * Math.PI));
  return {
    viewers: String(Math.round(audience * (1 + 0.2 * sway))),
    title: titles[stream % titles.length] ?? titles[0],
    streamerId: `streamer-${(stream % 7) + 1}`,
    streamStartedAt: new Date(clock.startedAtMs - minutesLive * 60_000).toISOString(),
    live: "true",
  };
}
