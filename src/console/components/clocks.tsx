/** Times that run, on the server's clock. Only their own text changes with each tick. */
import { tickMs } from "../api/server-clock.ts";
import { formatCountdown, formatElapsed } from "../strings/format.en.ts";

/** "1:52" until a time (ISO 8601 or milliseconds), then "0:00". */
export function Countdown({ until }: { until: string | number }) {
  return <span class="clock">{formatCountdown(msOf(until) - tickMs.value)}</span>;
}

/** "1:22" since a time. */
export function Elapsed({ since }: { since: string | number }) {
  return <span class="clock">{formatElapsed(tickMs.value - msOf(since))}</span>;
}

const msOf = (time: string | number) => (typeof time === "number" ? time : Date.parse(time));
