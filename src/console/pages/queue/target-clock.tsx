import { tickMs } from "../../api/server-clock.ts";
import { formatCountdown, formatElapsed } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";

/** "0:38" until a target, "−0:12" after it. */
export function TargetClock({ until }: { until: string }) {
  const leftMs = Date.parse(until) - tickMs.value;
  if (leftMs >= 0) return <span class="clock">{formatCountdown(leftMs)}</span>;
  return (
    <span class="clock late">
      <span class="unseen">{queueText.overSpoken} </span>
      {queueText.over(formatElapsed(-leftMs))}
    </span>
  );
}
